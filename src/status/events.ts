/**
 * A record of the journal as one line for people: when, where, what, and why. The journal itself is
 * JSON lines; `ha events --json` prints those.
 */

import type {Line, Piece, Tone} from './lines.ts';
import {dim} from './lines.ts';
import {stateTones} from './matrix.ts';

/** What is read of a record; the journal's own type has more. */
export interface EventRecord {
  readonly at: string;
  readonly node: string;
  readonly kind: string;
  readonly service: string | null;
  readonly cause: {readonly reason: string; readonly detail: string};
  readonly data: Readonly<Record<string, unknown>>;
}

/** `2026-11-20T22:11:05.120Z node1 web STARTING -> STARTED  start-done: ...`. */
export function eventLine(record: EventRecord): Line {
  const subject = record.service === null ? '' : `${record.service} `;
  const {reason, detail} = record.cause;
  return [
    dim(record.at),
    ` ${record.node} ${subject}`,
    ...what(record),
    dim(`  ${reason}`),
    detail === '' ? '' : `: ${detail}`,
  ];
}

/** True where a value could be a record: what came over a socket is not believed. */
export function isEventRecord(value: unknown): value is EventRecord {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Record<string, unknown>;
  const cause = record['cause'] as Record<string, unknown> | null | undefined;
  return (
    typeof record['at'] === 'string' &&
    typeof record['node'] === 'string' &&
    typeof record['kind'] === 'string' &&
    (record['service'] === null || typeof record['service'] === 'string') &&
    typeof cause?.['reason'] === 'string' &&
    typeof cause['detail'] === 'string' &&
    typeof record['data'] === 'object' &&
    record['data'] !== null
  );
}

function what(record: EventRecord): readonly Piece[] {
  const {data} = record;
  switch (record.kind) {
    case 'transition':
      return [`${word(data['from'])} -> `, stateWord(data['to'])];
    case 'verdict':
      return [`verdict ${word(data['decision'])} proof ${word(data['proof'])}`];
    case 'plan':
      return [`plan ${word(data['kind'])} [${words(data['steps'])}]`];
    case 'plan-end':
      return [`plan ${word(data['plan'])} ${word(data['kind'])}`];
    case 'step':
      return [`step ${word(data['action'])} ${word(data['rid'])} ${word(data['phase'])}`];
    case 'command':
      return [`command by ${word(data['actor'])}`];
    case 'peer':
      return [
        `peer ${word(data['peer'])}${data['to'] === undefined ? '' : ` ${word(data['to'])}`}`,
      ];
    case 'link':
      return [`link ${word(data['link'] ?? data['disk'])}`];
    case 'alarm':
      return [`alarm ${word(data['code'] ?? '')}`.trimEnd()];
    default:
      return [record.kind];
  }
}

function stateWord(value: unknown): Piece {
  const text = word(value);
  const tone: Tone | undefined = (stateTones as Readonly<Record<string, Tone>>)[text];
  return {text, tone: tone ?? 'plain'};
}

/** Unknown shapes are shown as what they are not: a line must come out whatever was written. */
function word(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '?';
}

function words(value: unknown): string {
  return Array.isArray(value) ? value.map(word).join(', ') : '?';
}
