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

/**
 * How long `own` lets `node` fire first, at least and at most, ms. With one service between them
 * the node that has it runs more. With more the other one may, and then it fires at once; or both
 * take the other one for that, and the later one in the order of nodes waits for both delays.
 */
export function turnSpan(
  config: Fenced & Pick<ClusterConfig, 'nodes' | 'services'>,
  node: NodeName,
  own: NodeName,
): {readonly fromMs: number; readonly untilMs: number} {
  const {nodes, services} = config;
  const shared = services.filter((one) => one.nodes.includes(node) && one.nodes.includes(own));
  const onceMs = biasMs(config, node);
  if (shared.length <= 1) return {fromMs: onceMs, untilMs: onceMs};
  const isLater = nodes.indexOf(own) > nodes.indexOf(node);
  return {fromMs: 0, untilMs: isLater ? onceMs + biasMs(config, own) : onceMs};
}
