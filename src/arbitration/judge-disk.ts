/**
 * The disk lease seen by a contender (D5-D7, D9; inequality I5). The owner must have stopped, or
 * been reset, before the wait W is over, because it may run only while it can write its slot.
 * Unchanged is judged on our own clock, from our own reads; a disk that we cannot use proves
 * nothing.
 */

import {formatAge} from '../kernel/duration.ts';
import type {Part} from './part.ts';
import {restOfPromise} from './promise-rest.ts';
import type {DiskEvidence, PeerEvidence} from './types.ts';

/**
 * Null where no disk is configured; else a `take` with P2 or P3, a wait, or why it proves nothing.
 */
export function judgeDisks(peer: PeerEvidence): Part | null {
  if (peer.disks.length === 0) return null;
  const usable = peer.disks.filter(isUsable);
  // Majority: with three disks two must agree, with one the one, with two both.
  if (usable.length * 2 <= peer.disks.length) {
    const which = names(peer.disks.filter((disk) => !isUsable(disk)));
    const foul = peer.disks.find((disk) => disk.fault !== null);
    const why = foul?.fault ?? 'cannot be read and written here';
    const detail = `${which} proves nothing: ${why}`;
    return {decision: 'refuse', reason: 'disk-unreadable', detail, clauses: ['D9']};
  }
  const waitMs = Math.max(
    ...usable.map((disk) => disk.waitMs - unchangedMs(disk)),
    ...usable.map((disk) => restOfPromise(peer, disk.stopMs)),
  );
  const rest = `the lease of ${peer.node} on ${names(usable)} may still be valid`;
  const wait = {decision: 'wait', reason: 'disk-wait', clauses: ['D5']} as const;
  if (waitMs > 0) return {...wait, detail: `${rest} for ${formatAge(waitMs)}`, waitMs};
  if (usable.some((disk) => seenUnchangedMs(disk) < disk.waitMs)) {
    return {...wait, detail: `${rest} until the slot is read again`};
  }
  const attested = usable.every((disk) => disk.watchdogMs > 0);
  return {
    decision: 'take',
    proof: attested ? 'P3' : 'P2',
    reason: 'disk-lease-expired',
    detail:
      `the slot of ${peer.node} on ${names(usable)} has not changed for ` +
      `${formatAge(Math.min(...usable.map(seenUnchangedMs)))}, longer than its lease`,
    clauses: [attested ? 'D6' : 'D7'],
  };
}

/** Ours to judge with: read and written lately, and a record of the peer was seen on it. */
function isUsable(disk: DiskEvidence): boolean {
  const readable = disk.readAgeMs !== null && disk.readAgeMs < disk.deadMs;
  const writable = disk.writeAgeMs !== null && disk.writeAgeMs < disk.deadMs;
  return readable && writable && disk.watchedMs > 0 && disk.fault === null;
}

/** Up to our last read: what was written since then, nobody here has seen. */
function seenUnchangedMs(disk: DiskEvidence): number {
  return unchangedMs(disk) - (disk.readAgeMs ?? Infinity);
}

function unchangedMs(disk: DiskEvidence): number {
  return Math.min(disk.changeAgeMs ?? Infinity, disk.watchedMs);
}

function names(disks: readonly DiskEvidence[]): string {
  return disks.map((disk) => disk.medium).join(', ');
}
