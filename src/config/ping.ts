/** `[ping]` of cluster.conf: whom this node asks whether it is itself that is cut off. */

import {nodeName, type NodeName} from '../kernel/ids.ts';
import {formatDuration} from '../kernel/duration.ts';
import type {Report} from './findings.ts';
import type {IniSection} from './ini.ts';
import type {KeyTable} from './key-spec.ts';
import {readSection, type Section} from './section.ts';
import type {PingConfig, Timing} from './types.ts';

const targetsMax = 8;
const intervalMsMin = 50;
/** An answer counts for so many intervals: two may be lost. */
export const pingIntervalsKept = 3;

export const pingKeys = {
  targets: {type: 'addresses', fallback: '-', scoped: true},
  needed: {
    type: 'integer',
    min: 1,
    max: targetsMax,
    fallback: 'more than half of the targets',
    scoped: true,
  },
  interval: {
    type: 'duration',
    minMs: intervalMsMin,
    maxMs: 60_000,
    fallback: 'beat, or less where dead is short',
    scoped: true,
  },
} as const satisfies KeyTable;

export interface PingSource {
  readonly section: IniSection | null;
  readonly nodes: readonly string[];
  readonly timing: Timing;
  /** Dead times of all links. */
  readonly deadMs: readonly number[];
}

/** One entry per node that has targets. */
export function readPings(source: PingSource, report: Report): ReadonlyMap<NodeName, PingConfig> {
  const pings = new Map<NodeName, PingConfig>();
  const {section, nodes} = source;
  if (section === null) return pings;
  const values = readSection(section, pingKeys, {report, nodes});
  for (const node of nodes) {
    const ping = readPing(values, node, {...source, report});
    if (ping !== null) pings.set(nodeName(node), ping);
  }
  return pings;
}

function readPing(
  values: Section<typeof pingKeys>,
  node: string,
  source: PingSource & {readonly report: Report},
): PingConfig | null {
  const {report} = source;
  const place = values.placeOf('targets', node);
  const targets = [...new Set(values.get('targets', node) ?? [])];
  if (targets.length === 0) {
    if (!values.has('targets', node)) {
      const hint = 'Write targets = with one to eight addresses, such as that of the gateway.';
      report('HA_CONF_PING_TARGETS', place, `[ping] expected targets, found none`, hint);
    }
    return null;
  }
  if (targets.length > targetsMax) {
    const message = `targets expected at most ${targetsMax} addresses, found ${targets.length}`;
    report('HA_CONF_PING_TARGETS', place, message);
  }
  const needed = values.get('needed', node) ?? Math.floor(targets.length / 2) + 1;
  if (needed > targets.length) {
    const message = `needed expected at most ${targets.length} (the targets), found ${needed}`;
    report('HA_CONF_PING_TARGETS', values.placeOf('needed', node), message);
  }
  const latestMs = latestInterval(source);
  const fittingMs = Math.max(intervalMsMin, Math.min(source.timing.beatMs, latestMs));
  const intervalMs = values.get('interval', node) ?? fittingMs;
  if (intervalMs > latestMs) reportSlow(values.placeOf('interval', node), intervalMs, source);
  return {targets, needed, intervalMs, place};
}

/**
 * A cut of our own must be known before the peer counts as silent. Its last frame may be one beat
 * and its delay older than the cut, and the last answer may be as young as the cut.
 */
function latestInterval({timing, deadMs}: PingSource): number {
  const spanMs = Math.min(timing.deadMs, ...deadMs) - timing.beatMs - timing.delayMs;
  return Math.floor(spanMs / pingIntervalsKept);
}

function reportSlow(
  place: PingConfig['place'],
  intervalMs: number,
  {timing, deadMs, report}: PingSource & {readonly report: Report},
): void {
  const neededMs = pingIntervalsKept * intervalMs + timing.beatMs + timing.delayMs;
  const shortestMs = Math.min(timing.deadMs, ...deadMs);
  const message =
    `expected 3 x interval + beat + delay <= dead, ` +
    `found ${formatDuration(neededMs)} > ${formatDuration(shortestMs)}`;
  report('HA_CONF_PING_SLOW', place, message);
}
