/**
 * `ha replay`: the verdicts of a journal decided again by the judge of this version, from what was
 * known then. Reads files alone; no daemon is asked and nothing is written.
 */

import {stat} from 'node:fs/promises';
import {replayVerdict} from '../../forecast/replay.ts';
import type {Replayed} from '../../forecast/replay.ts';
import {readJournal} from '../../journal/io/read-journal.ts';
import {verifyJournal} from '../../journal/io/verify-journal.ts';
import type {JournalRecord} from '../../journal/types.ts';
import {exitCodes} from '../../kernel/exit-codes.ts';
import type {Invocation} from '../invocation.ts';
import {printJson, printLines} from '../print.ts';
import {replayLines} from '../replay-lines.ts';
import {misuse} from '../usage.ts';

const limitDefault = 1_000;
const limitMax = 10_000;

/** A verdict of the journal, and what today's code makes of it. */
export interface ReplayRow {
  readonly record: JournalRecord;
  readonly replayed: Replayed;
}

/**
 * 0: the chain is whole and every verdict that can be replayed is the same; 1: something is not; 5:
 * there is no journal.
 */
export async function replay(invocation: Invocation): Promise<number> {
  const {world, paths, flags, operands, command} = invocation;
  const path = operands[0] ?? `${paths.state}/journal`;
  const limit = flags['limit'] === undefined ? limitDefault : Number(flags['limit']);
  if (!Number.isInteger(limit) || limit < 1 || limit > limitMax) {
    const found = String(flags['limit']);
    return misuse(world, command, `--limit expected a number from 1 to ${limitMax}, got ${found}`);
  }
  if ((await stat(path).catch(() => null)) === null) {
    world.stderr.write(`ha: expected a journal or one of its files at ${path}, found nothing\n`);
    world.stderr.write('Write, for example: ha replay /var/lib/ha/journal\n');
    return exitCodes.noSuch;
  }
  const chain = await verifyJournal(path);
  if (!chain.ok) {
    world.stderr.write(`ha: ${chain.error.message}\n`);
    return exitCodes.failed;
  }
  const {faults} = chain.value;
  const service = typeof flags['service'] === 'string' ? flags['service'] : null;
  const read = await readJournal(path, {sinceSeq: 0, service, kind: 'verdict', limit});
  if (!read.ok) {
    world.stderr.write(`ha: ${read.error.message}\n`);
    return exitCodes.failed;
  }
  const {records, corruptCount} = read.value;
  const rows = records.map((record): ReplayRow => ({record, replayed: replayVerdict(record)}));
  const differs = rows.some(({replayed}) => replayed.outcome === 'otherwise');
  if (flags['json'] === true)
    printJson(world, {path, chain: chain.value, corruptCount, verdicts: rows.map(asJson)});
  else
    printLines(world, replayLines({path, rows, corruptCount, faults, all: flags['all'] === true}));
  return differs || faults.length > 0 ? exitCodes.failed : exitCodes.done;
}

function asJson({record, replayed}: ReplayRow): unknown {
  const {seq, at, node, service, data} = record;
  return {seq, at, node, service, over: data['over'] ?? null, ...replayed};
}
