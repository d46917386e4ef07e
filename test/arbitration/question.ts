/** A question to the judge in which the other node is silent, and nothing else is known. */

import {judge} from '../../src/arbitration/judge.ts';
import type {
  DiskEvidence,
  JudgeQuestion,
  LinkEvidence,
  OwnEvidence,
  PeerEvidence,
  Verdict,
} from '../../src/arbitration/types.ts';
import {nodeName, serviceName} from '../../src/kernel/ids.ts';

export const silentLink: LinkEvidence = {
  medium: 'hb#1',
  ageMs: 6_000,
  watchedMs: 60_000,
  deadMs: 5_000,
  proven: true,
  localFault: null,
  authFailing: false,
};
export const freshLink: LinkEvidence = {...silentLink, ageMs: 400};
export const expiredDisk: DiskEvidence = {
  medium: 'hb#9',
  readAgeMs: 500,
  writeAgeMs: 500,
  changeAgeMs: 12_000,
  watchedMs: 60_000,
  waitMs: 9_010,
  deadMs: 8_000,
  stopMs: 1_000,
  fault: null,
  watchdogMs: 0,
};
export const peer: PeerEvidence = {
  node: nodeName('node1'),
  links: [silentLink],
  disks: [],
  left: false,
  keepingMs: null,
  confirmedDead: null,
  fence: null,
  arbiter: null,
  quorum: null,
  reservation: null,
  heardThisLife: true,
};
export const own: OwnEvidence = {
  stalled: false,
  isolated: false,
  overloaded: false,
  pingReachable: null,
  quorum: null,
  carrier: true,
  configSkew: false,
  duplicateNode: false,
};

/** What differs from that. */
export interface Change {
  readonly peer?: Partial<PeerEvidence>;
  readonly own?: Partial<OwnEvidence>;
  readonly class?: JudgeQuestion['serviceClass'];
  readonly takeover?: JudgeQuestion['takeover'];
}

export function questionOf(change: Change): JudgeQuestion {
  return {
    service: serviceName('web'),
    serviceClass: change.class ?? 'exclusive',
    takeover: change.takeover ?? 'proven',
    peer: {...peer, ...change.peer},
    own: {...own, ...change.own},
  };
}

export function verdictOn(change: Change): Verdict {
  return judge(questionOf(change));
}

/** `take fenced P4 D10`. */
export function ask(change: Change): string {
  const {decision, cause, proof, clauses} = verdictOn(change);
  return `${decision} ${cause.reason} ${proof} ${clauses.join(',')}`;
}
