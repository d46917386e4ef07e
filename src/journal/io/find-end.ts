/**
 * Where an existing journal ends: the point to go on from, what of the newest file is complete, and
 * what was wrong. Reads only the end of it, because a daemon must start fast.
 */

import {chainOrigin, parseLine} from '../chain.ts';
import type {ChainPoint} from '../chain.ts';
import type {JournalRecord} from '../types.ts';
import type {JournalFault} from '../verify.ts';
import type {JournalPart} from './journal-directory.ts';
import {readBackward} from './read-backward.ts';

export interface JournalEnd {
  readonly point: ChainPoint;
  /** Bytes at the end of the newest file that belong to an unfinished line: to be cut off. */
  readonly tornBytes: number;
  readonly faults: readonly JournalFault[];
}

/** Throws what open and read throw. `parts` oldest first. */
export async function findEnd(parts: readonly JournalPart[]): Promise<JournalEnd> {
  const newest = parts.at(-1);
  let tornBytes = 0;
  let badCount = 0;
  for (const part of parts.toReversed()) {
    for await (const piece of readBackward(part.path)) {
      if (part === newest) tornBytes = piece.unfinishedBytes;
      const last = lastRecord(piece.lines);
      badCount += last.badCount;
      if (last.record === null) continue;
      // Unreadable lines keep their numbers: whoever verifies the journal expects them there.
      const point = {seq: last.record.seq + badCount, hash: last.record.hash};
      return {point, tornBytes, faults: faultsOf(point.seq, tornBytes, badCount)};
    }
  }
  const seq = (parts[0]?.firstSeq ?? chainOrigin.seq + 1) - 1 + badCount;
  return {point: {...chainOrigin, seq}, tornBytes, faults: faultsOf(seq, tornBytes, badCount)};
}

/** The first record among lines that come newest first, and how many lines before it are none. */
function lastRecord(lines: readonly string[]): {record: JournalRecord | null; badCount: number} {
  for (const [badCount, line] of lines.entries()) {
    const record = parseLine(line);
    if (record !== null) return {record, badCount};
  }
  return {record: null, badCount: lines.length};
}

function faultsOf(lastSeq: number, tornBytes: number, badCount: number): readonly JournalFault[] {
  const faults: JournalFault[] = [];
  if (badCount > 0) {
    const expectedSeq = lastSeq - badCount + 1;
    const text = `the last ${badCount} lines, from record ${expectedSeq}, are no records`;
    faults.push({kind: 'corrupt', line: 0, expectedSeq, text});
  }
  if (tornBytes > 0) {
    const text = `record ${lastSeq + 1} was not written to its end: ${tornBytes} bytes cut off`;
    faults.push({kind: 'torn', line: 0, expectedSeq: lastSeq + 1, text});
  }
  return faults;
}
