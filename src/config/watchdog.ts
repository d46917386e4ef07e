/** `[watchdog]` of cluster.conf: what resets a node that does not keep its promises. */

import {nodeName, type NodeName} from '../kernel/ids.ts';
import type {Report} from './findings.ts';
import type {IniSection} from './ini.ts';
import type {KeyTable} from './key-spec.ts';
import {readSection} from './section.ts';
import type {HostFacts, WatchdogConfig} from './types.ts';

const secondMs = 1_000;

export const watchdogKeys = {
  mode: {
    type: 'choice',
    choices: ['off', 'automatic', 'required'],
    fallback: '`automatic`; without the section `off`',
    scoped: true,
  },
  device: {type: 'path', fallback: '/dev/watchdog', scoped: true},
  timeout: {
    type: 'duration',
    minMs: secondMs,
    maxMs: 600 * secondMs,
    fallback: '5s',
    scoped: true,
  },
  assume: {
    type: 'choice',
    choices: ['nothing', 'no-vm-pause', 'external-watchdog'],
    fallback: '`nothing`',
    scoped: true,
  },
  self_fence: {
    type: 'choice',
    choices: ['watchdog', 'sysrq', 'reboot', 'exit'],
    fallback: '`watchdog`',
    scoped: true,
  },
} as const satisfies KeyTable;

const deviceDefault = '/dev/watchdog';
const timeoutMsDefault = 5 * secondMs;

/** One entry per node that uses its watchdog; a node without one has the mode `off`. */
export function readWatchdogs(
  section: IniSection | null,
  nodes: readonly string[],
  report: Report,
): ReadonlyMap<NodeName, WatchdogConfig> {
  const watchdogs = new Map<NodeName, WatchdogConfig>();
  if (section === null) return watchdogs;
  const values = readSection(section, watchdogKeys, {report, nodes});
  for (const node of nodes) {
    const mode = values.get('mode', node) ?? 'automatic';
    if (mode === 'off') continue;
    watchdogs.set(nodeName(node), {
      mode,
      device: values.get('device', node) ?? deviceDefault,
      timeoutMs: values.get('timeout', node) ?? timeoutMsDefault,
      assume: values.get('assume', node) ?? 'nothing',
      selfFence: values.get('self_fence', node) ?? 'watchdog',
      place: values.placeOf('timeout', node),
    });
  }
  return watchdogs;
}

/** What this host says about its own watchdog. Unknown is not judged here. */
export function checkWatchdogHost(
  watchdog: WatchdogConfig | undefined,
  facts: HostFacts,
  report: Report,
): void {
  if (watchdog === undefined || facts.watchdog === undefined) return;
  const {kind, isVirtual} = facts.watchdog;
  const {device, assume, place} = watchdog;
  if (kind === 'missing') {
    const message = `expected a watchdog of this host, found none at ${device}`;
    report('HA_CONF_WATCHDOG_MISSING', place, message);
  } else if (kind === 'other' && assume !== 'external-watchdog') {
    const message = `expected the device of a watchdog driver, found something else at ${device}`;
    report('HA_CONF_WATCHDOG_MISSING', place, message);
  }
  if (isVirtual === true && assume === 'nothing') {
    const message = 'expected hardware, or a word that this machine is never paused, found neither';
    report('HA_CONF_WATCHDOG_VIRTUAL', place, message);
  }
}
