/** Lines of a scenario back into actions; what `formatAction` writes is read. */

import {etcdStates, forgeryKinds, pingModes} from './actions.ts';
import type {Action} from './actions.ts';
import {arbiterModes} from './arbiter.ts';
import {bmcModes} from './bmc.ts';
import {pathModes} from './disk.ts';
import {probeModes, scriptModes} from './resource.ts';

const nodeVerbs = [
  'boot',
  'crash',
  'pause',
  'resume',
  'kill-daemon',
  'start-daemon',
  'skew',
  'unskew',
] as const;
const diskModes = [...pathModes, 'tear'] as const;
const storageModes = ['ok', 'full', 'slow'] as const;

/** The action, or null where the line is none. */
export function parseAction(line: string): Action | null {
  const [verb = '', first = '', second = '', third = '', fourth = ''] = line.trim().split(/\s+/);
  const nodeVerb = nodeVerbs.find((one) => one === verb);
  if (nodeVerb !== undefined) return {verb: nodeVerb, node: first};
  switch (verb) {
    case 'cut':
    case 'heal': {
      const [from = '', to = ''] = second.split('>');
      return {verb, link: first, from, to};
    }
    case 'weather':
      return {verb, link: first, ...parseWeather(line)};
    case 'unplug':
    case 'plug':
      return {verb, node: first, link: second};
    case 'die':
    case 'appear':
      return {verb, node: first, service: second};
    case 'rollback':
      return {verb, disk: first, ageMs: Number(second)};
    case 'ha':
      return {verb, node: first, command: line.trim().split(/\s+/).slice(2).join(' ')};
    case 'repair-all':
      return {verb};
    default:
      return parseMode([verb, first, second, third, fourth]);
  }
}

/** The actions that end in the name of a mode: an unknown mode is no action. */
function parseMode([verb, first, second, third, fourth]: readonly [
  string,
  string,
  string,
  string,
  string,
]): Action | null {
  switch (verb) {
    case 'disk': {
      const mode = diskModes.find((one) => one === third);
      return mode === undefined ? null : {verb, node: first, disk: second, mode};
    }
    case 'etcd': {
      const mode = arbiterModes.find((one) => one === second);
      return mode === undefined ? null : {verb, node: first, mode};
    }
    case 'bmc': {
      const mode = bmcModes.find((one) => one === second);
      return mode === undefined ? null : {verb, node: first, mode};
    }
    case 'ping': {
      const mode = pingModes.find((one) => one === second);
      return mode === undefined ? null : {verb, node: first, mode};
    }
    case 'etcd-members': {
      const state = etcdStates.find((one) => one === first);
      return state === undefined ? null : {verb, state};
    }
    case 'storage': {
      const mode = storageModes.find((one) => one === second);
      return mode === undefined ? null : {verb, node: first, mode};
    }
    case 'script': {
      const mode = scriptModes.find((one) => one === fourth);
      if (mode === undefined || (third !== 'start' && third !== 'stop')) return null;
      return {verb, node: first, service: second, action: third, mode};
    }
    case 'probe-answers': {
      const mode = probeModes.find((one) => one === third);
      return mode === undefined ? null : {verb, node: first, service: second, mode};
    }
    case 'inject': {
      const kind = forgeryKinds.find((one) => one === first);
      return kind === undefined ? null : {verb, kind, node: second};
    }
    default:
      return null;
  }
}

function parseWeather(line: string): {
  readonly lossPercent: number;
  readonly duplicatePercent: number;
  readonly delayMs: number;
  readonly jitterMs: number;
} {
  const value = (name: string): number =>
    Number(new RegExp(`\\b${name}=([\\d.]+)`).exec(line)?.[1] ?? 0);
  return {
    lossPercent: value('loss'),
    duplicatePercent: value('duplicate'),
    delayMs: value('delay'),
    jitterMs: value('jitter'),
  };
}
