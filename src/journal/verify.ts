/**
 * Reads lines back and says what is wrong with them, by number. A journal is read after a crash or
 * an attack, so nothing here throws: what can be read is given, what can not is named.
 */

import {hashFits, parseLine} from './chain.ts';
import type {ChainPoint, HashText} from './chain.ts';
import type {JournalRecord} from './types.ts';

/**
 * `torn`: the last line was not written to its end. `corrupt`: no record at all. `altered`: a
 * record whose hash does not fit. `gap`: numbers are missing or repeat.
 */
export type FaultKind = 'torn' | 'corrupt' | 'altered' | 'gap';

export interface JournalFault {
  readonly kind: FaultKind;
  /** Line in its file, from 1; 0: not counted. */
  readonly line: number;
  /** Number the record should have had; null where that is not known. */
  readonly expectedSeq: number | null;
  /** One sentence. */
  readonly text: string;
}

export interface JournalReading {
  readonly records: readonly JournalRecord[];
  readonly faults: readonly JournalFault[];
  /** After the last record; null where there is none to go on from. */
  readonly end: ChainPoint | null;
}

/**
 * Verifies the text of one file. `start` is where the file before ended; null: the first record is
 * taken as it is, because the older file is gone. `last`: the file is the newest one, so that an
 * unfinished last line is a crash and not a defect.
 */
export function verifyText(
  text: string,
  options: {
    readonly start: ChainPoint | null;
    readonly last: boolean;
    readonly hashText: HashText;
  },
): JournalReading {
  const state: State = {records: [], faults: [], point: options.start, anchored: true};
  let offset = 0;
  for (let line = 1; offset < text.length; line += 1) {
    const end = text.indexOf('\n', offset);
    if (end < 0) {
      state.faults.push(unfinished(line, state, options.last));
      break;
    }
    take(text.slice(offset, end), line, {state, hashText: options.hashText});
    offset = end + 1;
  }
  return {records: state.records, faults: state.faults, end: state.point};
}

interface State {
  readonly records: JournalRecord[];
  readonly faults: JournalFault[];
  point: ChainPoint | null;
  /**
   * False after a line that could not be read: its hash is unknown, the next one can not be
   * checked.
   */
  anchored: boolean;
}

function take(
  line: string,
  number: number,
  context: {readonly state: State; readonly hashText: HashText},
): void {
  const {state, hashText} = context;
  const expectedSeq = state.point === null ? null : state.point.seq + 1;
  const record = parseLine(line);
  if (record === null) {
    const wanted = `record ${expectedSeq ?? '(unknown)'}`;
    const text = `expected ${wanted}, found ${line.length} characters that are none`;
    state.faults.push({kind: 'corrupt', line: number, expectedSeq, text});
    if (state.point !== null) state.point = {...state.point, seq: state.point.seq + 1};
    state.anchored = false;
    return;
  }
  if (expectedSeq !== null && record.seq !== expectedSeq) {
    const text = `expected record ${expectedSeq}, found ${record.seq}`;
    state.faults.push({kind: 'gap', line: number, expectedSeq, text});
  } else if (state.point !== null && state.anchored) {
    const link = {previousHash: state.point.hash, hash: record.hash, hashText};
    if (!hashFits(line, link)) {
      const text = `record ${record.seq} does not fit its hash ${record.hash}`;
      state.faults.push({kind: 'altered', line: number, expectedSeq, text});
    }
  }
  state.records.push(record);
  state.point = {seq: record.seq, hash: record.hash};
  state.anchored = true;
}

function unfinished(line: number, state: State, last: boolean): JournalFault {
  const expectedSeq = state.point === null ? null : state.point.seq + 1;
  return {
    kind: last ? 'torn' : 'corrupt',
    line,
    expectedSeq,
    text: `record ${expectedSeq ?? '(unknown)'} was not written to its end`,
  };
}
