/**
 * A question to the judge as the journal keeps it, so that an incident can be decided again: with
 * the version of its shape, and checked field by field when it is read back. What does not fit is
 * never judged.
 */

import {serviceClassNames} from '../kernel/proof.ts';
import {err, ok} from '../kernel/result.ts';
import type {Result} from '../kernel/result.ts';

import type {
  DiskEvidence,
  JudgeQuestion,
  LinkEvidence,
  OwnEvidence,
  PeerEvidence,
} from './types.ts';

/** Grows whenever a field of the question changes its meaning, comes or goes. */
export const questionVersion = 2;

export interface KeptQuestion extends JudgeQuestion {
  readonly version: number;
}

export function keepQuestion(question: JudgeQuestion): KeptQuestion {
  return {version: questionVersion, ...question};
}

/** Null: it fits; else what was found instead. */
type Check = (value: unknown) => string | null;
/** A line for each field: one that is forgotten does not compile. */
type Shape<Value> = {readonly [Field in keyof Required<Value>]: Check};

const number: Check = (value) => (Number.isFinite(value) ? null : 'no number');
const text: Check = (value) => (typeof value === 'string' ? null : 'no text');
const flag: Check = (value) => (typeof value === 'boolean' ? null : 'neither true nor false');
const oneOf =
  (words: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && words.includes(value) ? null : `none of ${words.join(', ')}`;
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null ? null : check(value);

function fields<Value>(shape: Shape<Value>): Check {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'no object';
    const given = value as Record<string, unknown>;
    for (const [name, check] of Object.entries<Check>(shape)) {
      const fault = check(given[name]);
      if (fault !== null) return `${name}: ${fault}`;
    }
    return null;
  };
}

/** Media, nodes: a handful. */
const listMax = 64;

function listOf(check: Check): Check {
  return (value) => {
    if (!Array.isArray(value) || value.length > listMax) return 'no list';
    return value.map(check).find((fault) => fault !== null) ?? null;
  };
}

const link = fields<LinkEvidence>({
  medium: text,
  ageMs: orNull(number),
  watchedMs: number,
  deadMs: number,
  proven: flag,
  localFault: orNull(text),
  authFailing: flag,
});

const disk = fields<DiskEvidence>({
  medium: text,
  readAgeMs: orNull(number),
  writeAgeMs: orNull(number),
  changeAgeMs: orNull(number),
  watchedMs: number,
  waitMs: number,
  deadMs: number,
  stopMs: number,
  fault: orNull(text),
  watchdogMs: number,
});

const arbiterMember: Check = (value) =>
  typeof value === 'object' && value !== null && 'keeping' in value
    ? flag(value.keeping)
    : 'no member';

const peer = fields<PeerEvidence>({
  node: text,
  links: listOf(link),
  disks: listOf(disk),
  left: flag,
  keepingMs: orNull(number),
  confirmedDead: orNull(fields<NonNullable<PeerEvidence['confirmedDead']>>({by: text})),
  fence: orNull(oneOf(['none', 'pending', 'confirmed', 'failed', 'damped'])),
  arbiter: orNull(
    fields<NonNullable<PeerEvidence['arbiter']>>({
      medium: text,
      fault: orNull(text),
      member: orNull(arbiterMember),
      present: flag,
      markedMs: orNull(number),
      stopMs: number,
      resetMs: number,
    }),
  ),
  quorum: orNull(
    fields<NonNullable<PeerEvidence['quorum']>>({
      needed: number,
      quietMs: listOf(number),
      waitMs: number,
      stopMs: number,
      stepMs: number,
    }),
  ),
  reservation: orNull(oneOf(['held-by-us', 'held-by-peer', 'none'])),
  heardThisLife: flag,
});

const own = fields<OwnEvidence>({
  stalled: flag,
  isolated: flag,
  overloaded: flag,
  pingReachable: orNull(flag),
  quorum: orNull(flag),
  carrier: flag,
  configSkew: flag,
  duplicateNode: flag,
});

const kept = fields<KeptQuestion>({
  version: number,
  service: text,
  serviceClass: oneOf(serviceClassNames),
  takeover: oneOf(['proven', 'manual']),
  peer,
  own,
});

/** The error says why it cannot be judged again. */
export function parseQuestion(value: unknown): Result<JudgeQuestion, string> {
  if (value === undefined) return err('recorded before questions were kept');
  const version =
    typeof value === 'object' && value !== null && 'version' in value && value.version;
  if (typeof version === 'number' && version !== questionVersion) {
    return err(`recorded in version ${version} of the question; this one reads ${questionVersion}`);
  }
  const fault = kept(value);
  return fault === null ? ok(value as JudgeQuestion) : err(`damaged (${fault})`);
}
