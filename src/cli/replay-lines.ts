/** What `ha replay` prints: one line per verdict, and at once whether today's code agrees. */

import type {Decided} from '../forecast/replay.ts';
import {formatAge} from '../kernel/duration.ts';
import type {Line, Piece} from '../status/lines.ts';
import {bad, blank, dim, good, paragraph, strong, warn} from '../status/lines.ts';
import {table} from '../status/table.ts';
import type {ReplayRow} from './verbs/replay.ts';

interface Replay {
  readonly path: string;
  readonly rows: readonly ReplayRow[];
  /** Lines that are no records. */
  readonly corruptCount: number;
  /** Where the hash chain does not hold: what is there was not written so, or is not all. */
  readonly faults: readonly string[];
  /** With what was known then. */
  readonly all: boolean;
}

export function replayLines(replay: Replay): readonly Line[] {
  const {path, rows, corruptCount, faults, all} = replay;
  const broken = faults.map((text): Line => [bad('hash chain broken'), ` ${text}`]);
  const lines: Line[] = [...broken, [strong(headline(rows)), ` (${path})`]];
  if (corruptCount > 0) {
    const what =
      corruptCount === 1 ? '1 line is no record' : `${corruptCount} lines are no records`;
    lines.push([warn(`${what}, and passed over`)]);
  }
  if (rows.length === 0) {
    lines.push(
      ...paragraph('A verdict is recorded when a service is about to be taken from a silent node.'),
    );
    return lines;
  }
  lines.push(blank);
  if (all) return [...lines, ...rows.flatMap(fullLines)];
  const header = ['at', 'node', 'service', 'over', 'recorded', ''].map(dim);
  lines.push(...table([header, ...rows.map(cells)], {elastic: 4, width: 110}));
  const odd = rows.filter(isOdd).flatMap(oddLines);
  return [...lines, ...(odd.length === 0 ? [] : [blank, ...odd])];
}

/** The one sentence that matters. */
function headline(rows: readonly ReplayRow[]): string {
  const count = (outcome: string): number =>
    rows.filter(({replayed}) => replayed.outcome === outcome).length;
  const [otherwise, left] = [count('otherwise'), count('not-replayed')];
  if (rows.length === 0) return 'no verdict is recorded';
  const verdict =
    otherwise > 0
      ? `today's code decides ${otherwise} of ${rows.length} otherwise`
      : `today's code decides the same, ${count('same')} of ${rows.length}`;
  return left === 0 ? verdict : `${verdict}; ${left} cannot be replayed`;
}

function isOdd({replayed}: ReplayRow): boolean {
  return replayed.outcome !== 'same';
}

function cells(row: ReplayRow): readonly Piece[] {
  const {record, replayed} = row;
  const over = record.data['over'];
  return [
    record.at,
    record.node,
    record.service ?? '',
    typeof over === 'string' ? over : '',
    decidedText(replayed.recorded),
    outcomePiece(row),
  ];
}

function outcomePiece({replayed}: ReplayRow): Piece {
  switch (replayed.outcome) {
    case 'same':
      return good('same');
    case 'otherwise':
      return bad('OTHERWISE');
    case 'not-replayed':
      return warn('not replayed');
  }
}

function decidedText({decision, proof, reason, clauses}: Decided): string {
  return `${decision} ${proof} ${reason} (${clauses.join(', ')})`;
}

/** What today's code says, or why it is not asked. */
function oddLines({record, replayed}: ReplayRow): readonly Line[] {
  const head = `${record.at} ${record.service ?? ''}`;
  if (replayed.outcome === 'not-replayed') {
    return paragraph(`${head}: cannot be replayed: ${replayed.why}`);
  }
  return replayed.outcome === 'same'
    ? []
    : paragraph(`${head}: today ${decidedText(replayed.today)}`, 0, 'bad');
}

/** The verdict with the evidence that it rested on. */
function fullLines(row: ReplayRow): readonly Line[] {
  const {record, replayed} = row;
  const head = cells(row);
  const line: Line = head.flatMap((cell, at) => (at === 0 ? [cell] : ['  ', cell]));
  const known =
    replayed.outcome === 'not-replayed'
      ? []
      : [
          ...replayed.question.peer.links.map(({medium, ageMs}) => knownCells(medium, ageMs)),
          ...replayed.question.peer.disks.map(({medium, changeAgeMs}) =>
            knownCells(medium, changeAgeMs),
          ),
        ];
  const why = paragraph(record.cause.detail, 2);
  const odd = isOdd(row) ? oddLines(row) : [];
  return [line, ...why, ...(known.length === 0 ? [] : table(known, {indent: 2})), ...odd, blank];
}

function knownCells(medium: string, ageMs: number | null): readonly Piece[] {
  return [medium, ageMs === null ? 'no sign in that life' : `last sign ${formatAge(ageMs)} before`];
}
