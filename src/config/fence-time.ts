/** How long fencing takes at worst, and who waits where two nodes would fence each other. */

import type {NodeName} from '../kernel/ids.ts';
import type {ClusterConfig, FenceConfig, Timing} from './types.ts';

type Fenced = Pick<ClusterConfig, 'fences' | 'timing'>;

const levelsOf = (fences: readonly FenceConfig[], node: NodeName): readonly FenceConfig[] =>
  fences.filter((fence) => fence.node === node);

/** All levels of a node with all their tries, ms. */
export function fenceMsMax({fences}: Fenced, node: NodeName): number {
  return levelsOf(fences, node).reduce(
    (sumMs, {timeoutMs, retries}) => sumMs + timeoutMs * (retries + 1),
    0,
  );
}

/** Two nodes that lose each other notice it at most this far apart (T_skew), ms. */
export function skewMs({beatMs, delayMs, stallMs}: Timing): number {
  return beatMs + delayMs + stallMs;
}

/** What `node` needs at worst to fence any other one with its first level, ms (I11). */
export function firstShotMs({fences, timing}: Fenced, node: NodeName): number {
  const others = fences.filter((fence) => fence.node !== node);
  const first = others.filter(
    (one) => !others.some((other) => other.node === one.node && other.level < one.level),
  );
  return Math.max(0, ...first.map(({timeoutMs}) => timeoutMs)) + skewMs(timing);
}

/** How long the others wait before they fence `node` where it runs more than they do, ms. */
export function biasMs(config: Fenced, node: NodeName): number {
  return levelsOf(config.fences, node)[0]?.delayMs ?? firstShotMs(config, node);
}
