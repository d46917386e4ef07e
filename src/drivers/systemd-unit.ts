/**
 * What `systemctl show` says of a unit, and what that means (org.freedesktop.systemd1(5), systemd
 * 230 to 257). Only a unit at rest with no process left in its control group is down.
 */

import type {ProbeOutcome} from '../failover/types.ts';
import {printable} from './host/output.ts';
import {answer} from './verdict.ts';

export interface Unit {
  readonly name: string;
  /** `loaded`, `not-found`, `masked`, `error`, `bad-setting`. */
  readonly load: string;
  readonly active: string;
  readonly sub: string;
  /** Why it failed: `exit-code`, `timeout`, `signal` ...; `success` where it did not. */
  readonly result: string;
  /** 0: none. */
  readonly mainPid: number;
  /** How the main process ended: code of wait (1 exited, 2 killed), and its number. */
  readonly mainCode: number;
  readonly mainStatus: number;
  /** Empty where no process of it is left. */
  readonly controlGroup: string;
  /** A start or stop is under way. */
  readonly hasJob: boolean;
}

export const shownProperties = [
  'LoadState',
  'ActiveState',
  'SubState',
  'Result',
  'MainPID',
  'ExecMainCode',
  'ExecMainStatus',
  'ControlGroup',
  'Job',
] as const;

/** Null where the output is not what `systemctl show` prints. */
export function readUnit(name: string, output: string): Unit | null {
  const found = new Map<string, string>();
  for (const line of output.split('\n')) {
    const split = line.indexOf('=');
    if (split > 0) found.set(line.slice(0, split), line.slice(split + 1).trim());
  }
  const text = (key: (typeof shownProperties)[number]): string =>
    printable(found.get(key) ?? '', 100);
  const count = (key: (typeof shownProperties)[number]): number => Number(found.get(key)) || 0;
  if (text('LoadState') === '' || text('ActiveState') === '') return null;
  return {
    name,
    load: text('LoadState'),
    active: text('ActiveState'),
    sub: text('SubState'),
    result: text('Result'),
    mainPid: count('MainPID'),
    mainCode: count('ExecMainCode'),
    mainStatus: count('ExecMainStatus'),
    controlGroup: text('ControlGroup'),
    hasJob: !['', '0'].includes(text('Job')),
  };
}

/** Why systemd could not start it, or null where nothing is known against it. */
export function loadFault(unit: Unit): string | null {
  switch (unit.load) {
    case 'not-found':
      return `${unit.name}: no such unit`;
    case 'masked':
      return `${unit.name}: it is masked: systemctl unmask ${unit.name}`;
    case 'error':
    case 'bad-setting':
      return `${unit.name}: its file is wrong (${unit.load}): systemctl status ${unit.name}`;
    default:
      return null;
  }
}

/** The state in words: `web.service: active (running), main process 40`. */
export function unitText(unit: Unit): string {
  const {active, sub, mainPid, hasJob} = unit;
  const state = sub === '' || sub === active ? active : `${active} (${sub})`;
  const process = mainPid === 0 ? '' : `, main process ${mainPid}`;
  const job = hasJob ? ', a job of it is under way' : '';
  return `${unit.name}: ${state}${reasonOf(unit)}${process}${job}`;
}

function reasonOf({active, result, mainCode, mainStatus}: Unit): string {
  if (active !== 'failed' && result === 'success') return '';
  if (result === '') return '';
  const end = mainCode === 1 ? `, exit code ${mainStatus}` : '';
  const signal = mainCode === 2 || mainCode === 3 ? `, signal ${mainStatus}` : '';
  return `, result ${result}${end}${signal}`;
}

export function unitVerdict(unit: Unit): ProbeOutcome {
  const text = unitText(unit);
  switch (unit.active) {
    case 'active':
    case 'reloading':
    case 'refreshing':
      return answer('up', text);
    case 'inactive':
    case 'failed':
      return restingVerdict(unit, text);
    case 'activating':
      return answer('unknown', `${text}${activatingText(unit)}`);
    case 'deactivating':
      return answer('unknown', `${text}: it is still being stopped`);
    case 'maintenance':
      return answer('unknown', `${text}: systemd is cleaning up after it`);
    default:
      return answer('unknown', `${text}: a state that is not known here`);
  }
}

/** With KillMode=process or none, and after a kill in vain, processes outlive their unit. */
function restingVerdict(unit: Unit, text: string): ProbeOutcome {
  const fault = loadFault(unit);
  if (unit.controlGroup !== '') {
    const left = `${text}, but processes of it are left in ${unit.controlGroup}`;
    const outcome = answer('unknown', left);
    return unit.active === 'failed' ? {...outcome, broken: true} : outcome;
  }
  return answer('down', fault === null ? text : `${text}; ${fault}`);
}

function activatingText({sub}: Unit): string {
  if (!sub.startsWith('auto-restart')) return ': it is still being started';
  return ': it ended, and systemd means to start it again by itself (Restart=)';
}
