/**
 * The border of the control socket: a line becomes a request with every field checked, or a
 * sentence.
 */

import {unreachable} from '../kernel/assert.ts';
import {nodeName, resourceId, serviceName} from '../kernel/ids.ts';
import type {ResourceId, ServiceName} from '../kernel/ids.ts';
import {err, ok} from '../kernel/result.ts';
import type {HaError, Result} from '../kernel/result.ts';
import type {JobRun} from '../kernel/schedule/types.ts';
import {selectorCharsMax, type Selection} from '../kernel/selection.ts';
import {FieldReader} from './field-reader.ts';
import {readCommand} from './parse-command.ts';
import {protocolVersion, runDetailCharsMax} from './types.ts';
import type {Request} from './types.ts';

const operations = [
  'view',
  'plan',
  'command',
  'events',
  'run-task',
  'task-ran',
  'reload',
  'hello',
] as const;
/** Records that one `events` request may ask for. */
const eventsMax = 10_000;

export function parseRequest(line: string): Result<Request> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return err(
      invalid(`expected one JSON object per line, found ${JSON.stringify(line.slice(0, 40))}`),
    );
  }
  const fields = new FieldReader(value, 'request');
  if (isObject(value) && value['v'] !== protocolVersion) return err(otherVersion(value['v']));
  fields.count('v', protocolVersion, protocolVersion);
  const request = readRequest(fields);
  return fields.error === null ? ok(request) : err(invalid(fields.error));
}

function readRequest(fields: FieldReader): Request {
  const node = fields.nameOrNull('node');
  const base = {
    v: protocolVersion,
    id: fields.count('id', 0, Number.MAX_SAFE_INTEGER),
    node: node === null ? null : nodeName(node),
    actor: fields.text('actor', 200),
  } as const;
  const op = fields.choice('op', operations);
  switch (op) {
    case 'view':
    case 'reload':
    case 'hello':
      return {...base, op};
    case 'plan':
      return {
        ...base,
        op,
        command: fields.nested('command', readCommand),
        ...(fields.has('select') ? {select: fields.nested('select', readSelection)} : {}),
      };
    case 'command':
      return {
        ...base,
        op,
        command: fields.nested('command', readCommand),
        wait: fields.flag('wait'),
      };
    case 'events': {
      const service = fields.nameOrNull('service');
      return {
        ...base,
        op,
        service: service === null ? null : serviceName(service),
        sinceSeq: fields.count('sinceSeq', 0, Number.MAX_SAFE_INTEGER),
        limit: fields.count('limit', 0, eventsMax),
        follow: fields.flag('follow'),
      };
    }
    case 'run-task':
      return {...base, op, ...readTask(fields)};
    case 'task-ran':
      return {...base, op, ...readTask(fields), run: fields.nested('run', readRun)};
    default:
      return unreachable(op);
  }
}

function readSelection(fields: FieldReader): Selection {
  const text = (key: keyof Selection): string | null => fields.textOrNull(key, selectorCharsMax);
  return {
    rid: text('rid'),
    tags: text('tags'),
    subset: text('subset'),
    upto: text('upto'),
    downto: text('downto'),
  };
}

function readTask(fields: FieldReader): {service: ServiceName; rid: ResourceId} {
  return {service: serviceName(fields.name('service')), rid: resourceId(fields.text('rid', 64))};
}

function readRun(fields: FieldReader): JobRun {
  return {
    begunMs: fields.count('begunMs', 0, Number.MAX_SAFE_INTEGER),
    endedMs: fields.countOrNull('endedMs', Number.MAX_SAFE_INTEGER),
    ok: fields.flagOrNull('ok'),
    detail: fields.text('detail', runDetailCharsMax),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function otherVersion(found: unknown): HaError {
  const shown = JSON.stringify(found) ?? 'none';
  return {
    code: 'HA_REQUEST_VERSION',
    message: `expected protocol version ${protocolVersion}, found ${shown}`,
    hint: 'Use the ha command of the version that the daemon runs.',
  };
}

function invalid(message: string): HaError {
  return {code: 'HA_REQUEST_INVALID', message};
}
