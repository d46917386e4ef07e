/** Cluster-wide timing from `[cluster]`: the profile gives defaults, each key overrides one. */

import type {clusterKeys} from './keys.ts';
import type {Section} from './section.ts';
import type {Timing} from './types.ts';

/** What a profile presets. `ioMs` is D of SAFETY.md: the longest one disk access may take. */
interface Profile {
  readonly beatMs: number;
  readonly deadMs: number;
  readonly ioMs: number;
  /** Lease of an arbiter. */
  readonly ttlMs: number;
}

const profiles: Readonly<Record<'default' | 'fast', Profile>> = {
  default: {beatMs: 1_000, deadMs: 5_000, ioMs: 1_000, ttlMs: 10_000},
  fast: {beatMs: 200, deadMs: 1_000, ioMs: 250, ttlMs: 5_000},
};

const delayMsDefault = 50;
const dampingMsDefault = 300_000;
const holdDownMsDefault = 60_000;
/** 500 ppm: five times what a quartz is allowed to be off. */
const clockErrorRatio = 0.0005;
/** Beats that fit into the shortest dead time where no beat is written: I1 and I13 then hold. */
const beatsPerDead = 5;
const beatMsMin = 50;

type ClusterSection = Section<typeof clusterKeys>;

function profileOf(cluster: ClusterSection): Profile {
  return profiles[cluster.get('profile') ?? 'default'];
}

/** Dead time of a link that has none of its own. */
export function defaultDeadMs(cluster: ClusterSection): number {
  return cluster.get('dead') ?? profileOf(cluster).deadMs;
}

/** D where a disk heartbeat does not write `io`. */
export function defaultIoMs(cluster: ClusterSection): number {
  return profileOf(cluster).ioMs;
}

/** Lease of an arbiter that writes no `ttl`. */
export function defaultTtlMs(cluster: ClusterSection): number {
  return profileOf(cluster).ttlMs;
}

/**
 * `linkDeadMs`: dead times of all links. OpenHA accepts a TIMEOUT of two seconds with its fixed
 * beat of one; where no beat is written, ours follows the shortest of them.
 */
export function readTiming(cluster: ClusterSection, linkDeadMs: readonly number[]): Timing {
  const profile = profileOf(cluster);
  const deadMs = defaultDeadMs(cluster);
  const shortestMs = Math.min(deadMs, ...linkDeadMs);
  const fittingMs = Math.max(beatMsMin, Math.floor(shortestMs / beatsPerDead));
  const beatMs = cluster.get('beat') ?? Math.min(profile.beatMs, fittingMs);
  const delayMs = cluster.get('delay') ?? delayMsDefault;
  const stallMs = cluster.get('stall') ?? beatMs;
  return {
    beatMs,
    deadMs,
    delayMs,
    stallMs,
    graceMs: cluster.get('grace') ?? 2 * beatMs + delayMs + stallMs,
    dampingMs: cluster.get('damping') ?? dampingMsDefault,
    holdDownMsMax: cluster.get('hold_down') ?? holdDownMsDefault,
    clockErrorRatio,
  };
}
