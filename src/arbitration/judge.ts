/**
 * May we act as if the other node were out? A pure function of evidence; the rules D1-D23 of
 * docs/safety.md, asked in the order in which they override each other: signs of life before words,
 * words before silence, silence before anything that only withholds. Unknown never proves.
 */

import {formatAge} from '../kernel/duration.ts';
import type {ReasonCode} from '../kernel/reasons.ts';
import {judgeArbiter, judgeLeases} from './judge-arbiter.ts';
import {judgeDisks} from './judge-disk.ts';
import {judgeQuorum} from './judge-quorum.ts';
import {judgeFence, sayFenceFailed} from './judge-fence.ts';
import type {Part} from './part.ts';
import {proofNeeded, proofRank} from './types.ts';
import type {
  Evidence,
  JudgeQuestion,
  LinkEvidence,
  PeerEvidence,
  ProofClass,
  Verdict,
} from './types.ts';

/** The verdict on one peer for one service, with its reason, clauses and ages. */
export function judge(question: JudgeQuestion): Verdict {
  const evidence = gather(question.peer);
  const build = (part: Part): Verdict => ({
    decision: part.decision,
    proof: part.proof ?? 'P0',
    waitMs: part.waitMs ?? null,
    cause: {reason: part.reason, detail: part.detail},
    clauses: part.clauses,
    evidence,
  });
  return build(
    judgeSelf(question) ??
      judgeLife(question.peer) ??
      judgeWords(question) ??
      judgeSilence(question.peer) ??
      judgeProof(question),
  );
}

/** D18, D21: a node that doubts itself accuses nobody. */
function judgeSelf({own}: JudgeQuestion): Part | null {
  if (own.stalled) return refusal('hold', 'stalled', 'this daemon stood still just now', 'D21');
  if (own.duplicateNode) {
    return refusal('refuse', 'duplicate-node', 'another machine uses the name of this node', 'D18');
  }
  if (own.configSkew) {
    return refusal('refuse', 'config-skew', 'the nodes do not have the same configuration', 'D18');
  }
  return null;
}

/** D1, D5, D15: a sign of life on any medium ends the matter, unless it was the goodbye. */
function judgeLife(peer: PeerEvidence): Part | null {
  if (peer.left) {
    return {
      decision: 'take',
      proof: 'P4',
      reason: 'clean-leave',
      detail: `${peer.node} stopped its services and said goodbye`,
      clauses: ['D15'],
    };
  }
  const fresh = peer.links.filter(isFresh);
  const proven = fresh.find((link) => link.proven);
  if (proven !== undefined) {
    const detail = `${peer.node} was heard ${age(proven.ageMs)} ago on ${proven.medium}`;
    return refusal('refuse', 'peer-alive', detail, 'D1');
  }
  if (fresh[0] !== undefined) {
    const detail = `${peer.node} is heard on ${fresh[0].medium} but does not hear this node`;
    return refusal('refuse', 'one-way', detail, 'D1');
  }
  const living = peer.disks.find(
    (disk) => disk.changeAgeMs !== null && disk.changeAgeMs < disk.deadMs,
  );
  if (living === undefined) return null;
  const ago = `${age(living.changeAgeMs)} ago`;
  const detail = `the slot of ${peer.node} on ${living.medium} changed ${ago}`;
  return {...refusal('refuse', 'peer-disk-alive', detail, 'D5'), waitMs: restOfDisk(living)};
}

/** D16, D23: somebody said something about the peer. */
function judgeWords({peer}: JudgeQuestion): Part | null {
  if (peer.confirmedDead !== null) {
    const detail = `${peer.confirmedDead.by} confirmed that ${peer.node} is dead`;
    return {
      decision: 'take',
      proof: 'P4',
      reason: 'operator-confirmed-dead',
      detail,
      clauses: ['D23'],
    };
  }
  if (peer.keepingMs !== null && peer.keepingMs > 0) {
    const detail = `${peer.node} announced maintenance and left its services running`;
    return {...refusal('wait', 'peer-maintenance', detail, 'D16'), waitMs: peer.keepingMs};
  }
  return null;
}

/** D2, AUTH: silence must be complete and old enough before anything rests on it. */
function judgeSilence(peer: PeerEvidence): Part | null {
  const auth = peer.links.find((link) => link.authFailing);
  if (auth !== undefined && !hasStrongProof(peer)) {
    const detail = `signatures of ${peer.node} fail on ${auth.medium}; compare secret.key`;
    return refusal('refuse', 'auth-failing', detail, 'D1');
  }
  const waitMs = Math.max(0, ...peer.links.map(restOfLink), ...peer.disks.map(restOfDisk));
  if (waitMs === 0) return null;
  const detail = `${peer.node} is silent, but not yet for the dead time of every medium`;
  return {...refusal('wait', 'peer-silent-briefly', detail, 'D2'), waitMs};
}

/** D3-D12: all is silent for long enough; which proof does that leave? */
function judgeProof(question: JudgeQuestion): Part {
  const {peer} = question;
  const strong = strongProof(peer);
  if (strong !== null) return enough(question, strong);
  if (question.own.quorum === false) {
    const detail = 'too few nodes answer this one: it may be on the smaller side of a cut';
    return refusal('refuse', 'no-quorum', detail, 'D22');
  }
  // Who left its services running on purpose promised no stop: its lease proves nothing.
  const lease =
    peer.keepingMs === null
      ? judgeLeases([judgeDisks(peer), judgeArbiter(peer), judgeQuorum(peer)])
      : overdue(peer);
  if (lease?.decision === 'take' && isEnough(question, lease)) return enough(question, lease);
  return judgeFence(question, lease) ?? sayFenceFailed(question, judgeRest(question, lease));
}

function isEnough({serviceClass}: JudgeQuestion, {proof}: Part): boolean {
  return proofRank(proof ?? 'P0') >= proofRank(proofNeeded[serviceClass]);
}

/** Without fencing. */
function judgeRest(question: JudgeQuestion, lease: Part | null): Part {
  const {own} = question;
  if (lease !== null && proofRank(lease.proof ?? 'P0') >= proofRank('P2')) {
    return enough(question, lease);
  }
  // A disk in use is a medium too: between two nodes on one cable, the death of one of them takes
  // the carrier of the other, and only the lease can tell that from a cut of our own.
  const leased = proofRank(proofNeeded[question.serviceClass]) >= proofRank('P2');
  if (own.isolated && !(leased && lease?.decision === 'wait')) {
    const detail = 'every heartbeat link of this node is out of order, so silence says nothing';
    return refusal('refuse', 'isolated', detail, 'D3');
  }
  const weak = weakProof(question);
  const need = proofNeeded[question.serviceClass];
  if (proofRank(need) <= proofRank(weak.proof ?? 'P0')) return enough(question, weak);
  return lease ?? enough(question, weak);
}

/** The announced maintenance is over and its node has not come back. */
function overdue(peer: PeerEvidence): Part {
  const detail =
    `${peer.node} announced maintenance, left its services running and did not come back; ` +
    `if it is off: ha confirm-dead ${peer.node} --i-have-checked`;
  return refusal('refuse', 'peer-maintenance', detail, 'D16');
}

function enough(question: JudgeQuestion, part: Part): Part {
  const need = proofNeeded[question.serviceClass];
  const proof = part.proof ?? 'P0';
  if (part.decision !== 'take') return part;
  if (proofRank(proof) < proofRank(need)) {
    const detail =
      `${question.peer.node} is silent; class ${question.serviceClass} needs ${need}, ` +
      `at hand is ${proof} (${part.detail})`;
    const reason = weaknessOf(question, proof);
    return {
      ...part,
      // A watchdog that is still to be waited out makes more of it by time alone.
      decision: part.waitMs === undefined ? 'refuse' : 'wait',
      reason,
      detail,
      clauses: [...new Set([...part.clauses, 'D4'])],
    };
  }
  if (question.takeover === 'manual') {
    const detail = `${part.detail}; the cluster is set to takeover = manual`;
    return {...part, decision: 'hold', reason: 'manual-takeover', detail};
  }
  return part;
}

function weaknessOf({serviceClass, own}: JudgeQuestion, proof: ProofClass): ReasonCode {
  if (proofRank(proof) >= proofRank('P2')) return 'proof-too-weak';
  if (serviceClass === 'address' && own.pingReachable === false) return 'ping-unanswered';
  return 'peer-not-proven-dead';
}

/** P4. Not configured (null) is no proof. */
function strongProof(peer: PeerEvidence): Part | null {
  if (peer.fence === 'confirmed') {
    return take('P4', 'fenced', `${peer.node} was fenced and is off`, 'D10');
  }
  if (peer.reservation === 'held-by-us') {
    return take('P4', 'fenced', `${peer.node} lost its disk reservations`, 'D11');
  }
  return null;
}

function hasStrongProof(peer: PeerEvidence): boolean {
  const part = strongProof(peer);
  return part !== null && proofRank(part.proof ?? 'P0') >= proofRank('P3');
}

/** P1 where the outside sees us, else P0. Neither says anything about the peer. */
function weakProof({peer, own}: JudgeQuestion): Part {
  if (own.carrier && own.pingReachable !== false) {
    const detail =
      own.pingReachable === true ? 'our ping targets answer' : 'our links have carrier';
    return take('P1', 'outside-sees-us', `${peer.node} is silent and ${detail}`, 'D4');
  }
  const unseen = own.carrier ? ', and our ping targets do not answer' : '';
  return take('P0', 'silence-accepted', `${peer.node} is silent${unseen}`, 'D4');
}

function take(proof: ProofClass, reason: ReasonCode, detail: string, clause: string): Part {
  return {decision: 'take', proof, reason, detail, clauses: [clause]};
}

function refusal(
  decision: 'hold' | 'refuse' | 'wait' | 'fence',
  reason: ReasonCode,
  ...rest: [string, string]
): Part {
  return {decision, reason, detail: rest[0], clauses: [rest[1]]};
}

function isFresh(link: LinkEvidence): boolean {
  return link.ageMs !== null && link.ageMs < link.deadMs;
}

/** How long a link must still be silent before its silence counts. */
function restOfLink(link: LinkEvidence): number {
  return Math.max(0, link.deadMs - Math.min(link.ageMs ?? Infinity, link.watchedMs));
}

function restOfDisk(disk: PeerEvidence['disks'][number]): number {
  // No record of the peer was ever seen there: the disk says nothing either way.
  if (disk.watchedMs === 0) return 0;
  return Math.max(0, disk.deadMs - Math.min(disk.changeAgeMs ?? Infinity, disk.watchedMs));
}

function gather(peer: PeerEvidence): Evidence[] {
  const links = peer.links.map((link) => ({
    medium: link.medium,
    says: link.localFault ?? (isFresh(link) ? (link.proven ? 'alive' : 'one-way') : 'silent'),
    ageMs: link.ageMs,
  }));
  const disks = peer.disks.map((disk) => ({
    medium: disk.medium,
    says: disk.changeAgeMs !== null && disk.changeAgeMs < disk.deadMs ? 'alive' : 'unchanged',
    ageMs: disk.changeAgeMs,
  }));
  const {arbiter} = peer;
  if (arbiter === null) return [...links, ...disks];
  const says = arbiter.markedMs === null ? (arbiter.present ? 'alive' : 'no lease') : 'marked out';
  const third = {medium: arbiter.medium, says: arbiter.fault ?? says, ageMs: arbiter.markedMs};
  return [...links, ...disks, third];
}

function age(ageMs: number | null): string {
  return ageMs === null ? 'never' : formatAge(ageMs);
}
