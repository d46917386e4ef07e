/** A command as it comes in a request: every verb with exactly its own fields. */

import type {Command, FreezeInfo, Scope} from '../engine/types.ts';
import {unreachable} from '../kernel/assert.ts';
import {nodeName, serviceName} from '../kernel/ids.ts';
import type {ServiceName} from '../kernel/ids.ts';
import {durationMsMax} from '../kernel/duration.ts';
import {FieldReader} from './field-reader.ts';

const verbs = [
  'start',
  'stop',
  'restart',
  'switch',
  'takeover',
  'freeze',
  'unfreeze',
  'freeze-stop',
  'freeze-start',
  'clear',
  'declare',
  'drain',
  'undrain',
  'confirm-dead',
  'fence',
  'probe',
  'shutdown',
] as const satisfies readonly Command['verb'][];

const whyCharsMax = 500;
/** A maintenance announced for longer than a day is forgotten, not planned. */
const keepMsMax = 86_400_000;

export function readCommand(fields: FieldReader): Command {
  const verb = fields.choice('verb', verbs);
  switch (verb) {
    case 'start':
    case 'stop':
    case 'restart':
    case 'takeover':
    case 'probe':
      return {verb, service: service(fields)};
    case 'switch': {
      const to = fields.nameOrNull('to');
      return {verb, service: service(fields), to: to === null ? null : nodeName(to)};
    }
    case 'freeze':
      return {verb, scope: scope(fields), freeze: freeze(fields)};
    case 'unfreeze':
      return {verb, scope: scope(fields)};
    case 'freeze-stop':
    case 'freeze-start':
      return {verb, service: service(fields), freeze: freeze(fields)};
    case 'clear':
      return {verb, service: service(fields), confirmStopped: fields.flag('confirmStopped')};
    case 'declare':
      return {verb, service: service(fields), running: fields.flag('running')};
    case 'drain':
      return {verb, freeze: freeze(fields)};
    case 'undrain':
      return {verb};
    case 'confirm-dead':
    case 'fence':
      return {verb, node: nodeName(fields.name('node'))};
    case 'shutdown':
      return {verb, keep: fields.flag('keep'), keepMs: fields.count('keepMs', 0, keepMsMax)};
    default:
      return unreachable(verb);
  }
}

function service(fields: FieldReader): ServiceName {
  return serviceName(fields.name('service'));
}

function scope(fields: FieldReader): Scope {
  return fields.nested('scope', (inner): Scope => {
    const kind = inner.choice('kind', ['service', 'node', 'cluster']);
    return kind === 'service' ? {kind, service: service(inner)} : {kind};
  });
}

/**
 * In a request `untilMs` counts from now, because the client knows nothing of the daemon's clock;
 * by whom and since when is the daemon's to say, whatever the client wrote.
 */
function freeze(fields: FieldReader): FreezeInfo {
  return fields.nested('freeze', (inner) => ({
    by: inner.text('by', whyCharsMax),
    why: inner.text('why', whyCharsMax),
    since: inner.text('since', 40),
    untilMs: inner.countOrNull('untilMs', durationMsMax),
    until: inner.textOrNull('until', 40),
  }));
}
