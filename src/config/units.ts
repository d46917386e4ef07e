/** `[systemd#N]` against this host: what systemd says of the units. */

import {durationMsMax, formatDuration} from '../kernel/duration.ts';
import type {Report} from './findings.ts';
import type {SystemdResource} from './resources/systemd.ts';
import type {HostFacts, ResourceConfig} from './types.ts';

/** One unit, as `systemctl show` has it. */
export interface UnitFact {
  /** `loaded`, `not-found`, `masked`, `error`, `bad-setting`. */
  readonly load: string;
  /** `enabled`, `static`, `disabled`, `masked` ...; empty where there is no file. */
  readonly file: string;
  /** Type= of a service. */
  readonly type: string;
  readonly remains: boolean;
  /** TimeoutStartSec= and TimeoutStopSec=; null: none, or not said. */
  readonly startMs: number | null;
  readonly stopMs: number | null;
}

export const unitProperties = [
  'Id',
  'LoadState',
  'UnitFileState',
  'Type',
  'RemainAfterExit',
  'TimeoutStartUSec',
  'TimeoutStopUSec',
] as const;

/** The blocks of `systemctl show` for the units that were asked for, in that order. */
export function readUnitFacts(
  units: readonly string[],
  output: string,
): ReadonlyMap<string, UnitFact> {
  const blocks = output.split(/\n\n+/).map((block) => block.trim());
  const facts = new Map<string, UnitFact>();
  for (const [index, unit] of units.entries()) {
    const lines = (blocks[index] ?? '').split('\n');
    const text = (key: (typeof unitProperties)[number]): string =>
      lines.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1) ?? '';
    if (text('LoadState') === '') continue;
    facts.set(unit, {
      load: text('LoadState'),
      file: text('UnitFileState'),
      type: text('Type'),
      remains: text('RemainAfterExit') === 'yes',
      startMs: spanMs(text('TimeoutStartUSec')),
      stopMs: spanMs(text('TimeoutStopUSec')),
    });
  }
  return facts;
}

const unitMs: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  month: 2_629_800_000,
  y: 31_557_600_000,
};

/** `1min 30s` (systemd.time(7)); null for `infinity` and what is none. */
export function spanMs(text: string): number | null {
  if (!/^(?:\d+(?:\.\d+)?(?:us|ms|s|min|h|d|w|month|y) ?)+$/.test(text)) return null;
  let totalMs = 0;
  for (const [, count, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)([a-z]+)/g)) {
    totalMs += Number(count) * (unitMs[unit] ?? 0);
  }
  return totalMs <= durationMsMax ? Math.round(totalMs) : null;
}

export function checkUnits(
  resources: readonly ResourceConfig[],
  {units}: HostFacts,
  report: Report,
): void {
  for (const resource of resources) {
    if (resource.type !== 'app.systemd' || resource.disabled) continue;
    const fact = units?.get(resource.unit);
    if (fact !== undefined) checkUnit(resource, fact, report);
  }
}

/** States of a unit file in which the system starts it at boot (systemctl(1), is-enabled). */
const enabled = ['enabled', 'enabled-runtime', 'linked-runtime-enabled'];

function checkUnit(resource: SystemdResource, fact: UnitFact, report: Report): void {
  const {unit, place, rid} = resource;
  if (fact.load === 'masked') {
    const message = `${rid} expected a unit that can be started, found ${unit} masked`;
    report('HA_CONF_UNIT_MASKED', place, message, `Type "systemctl unmask ${unit}".`);
    return;
  }
  if (fact.load !== 'loaded') {
    const message = `${rid} expected the unit ${unit}, found it ${fact.load}`;
    report('HA_CONF_UNIT_MISSING', place, message);
    return;
  }
  if (enabled.includes(fact.file)) {
    const message = `${rid} expected ${unit} to be started by this service alone, found it enabled`;
    report('HA_CONF_UNIT_ENABLED', place, message, `Type "systemctl disable ${unit}".`);
  }
  if (fact.type === 'oneshot' && !fact.remains) {
    const message = `${rid} expected ${unit} to stay active, found Type=oneshot`;
    report('HA_CONF_UNIT_ONESHOT', place, message);
  }
  checkTimeout(resource, ['start', fact.startMs, resource.startMs], report);
  checkTimeout(resource, ['stop', fact.stopMs, resource.stopMs], report);
}

function checkTimeout(
  {rid, unit, place}: SystemdResource,
  [verb, theirMs, ourMs]: readonly ['start' | 'stop', number | null, number],
  report: Report,
): void {
  if (theirMs === null || ourMs > theirMs) return;
  const theirs = formatDuration(theirMs);
  const found = `found ${formatDuration(ourMs)}`;
  const message = `${rid} expected ${verb}_timeout to outlast the ${theirs} of ${unit}, ${found}`;
  report('HA_CONF_UNIT_TIMEOUT', place, message);
}
