/** The operator's words in a scenario or schedule, as `ha` would give them to a daemon. */

import type {Command, FreezeInfo, Scope} from '../engine/types.ts';
import {nodeName, serviceName} from '../kernel/ids.ts';

const freeze: FreezeInfo = {by: 'operator', why: '', since: '', untilMs: null, until: null};
const keepMs = 3_600_000;

/** `switch web --to node2`, `freeze --node`, `shutdown --keep` ...; null where it is none. */
export function parseCommand(text: string): Command | null {
  const [verb = '', ...rest] = text.trim().split(/\s+/);
  const words = rest.filter((word) => !word.startsWith('--'));
  const service = serviceName(words[0] ?? '');
  switch (verb) {
    case 'start':
    case 'stop':
    case 'restart':
    case 'takeover':
    case 'probe':
      return {verb, service};
    case 'switch': {
      const to = rest.indexOf('--to');
      return {verb, service, to: to < 0 ? null : nodeName(rest[to + 1] ?? '')};
    }
    case 'freeze':
      return {verb, scope: scopeOf(rest), freeze};
    case 'unfreeze':
      return {verb, scope: scopeOf(rest)};
    case 'freeze-stop':
    case 'freeze-start':
      return {verb, service, freeze};
    case 'clear':
      return {verb, service, confirmStopped: rest.includes('--confirm-stopped')};
    case 'drain':
      return {verb, freeze};
    case 'undrain':
      return {verb};
    case 'confirm-dead':
    case 'fence':
      return {verb, node: nodeName(words[0] ?? '')};
    case 'shutdown':
      return {verb, keep: rest.includes('--keep'), keepMs};
    default:
      return null;
  }
}

function scopeOf(words: readonly string[]): Scope {
  if (words.includes('--all')) return {kind: 'cluster'};
  if (words.includes('--node')) return {kind: 'node'};
  return {kind: 'service', service: serviceName(words[0] ?? '')};
}
