/** A journal of verdicts as the daemon writes it, for tests of what reads one. */

import {mkdirSync, writeFileSync} from 'node:fs';
import {judge} from '../../src/arbitration/judge.ts';
import {keepQuestion} from '../../src/arbitration/question.ts';
import {chainOrigin, linkRecord} from '../../src/journal/chain.ts';
import {sha256Text} from '../../src/journal/io/journal-directory.ts';
import {questionOf, silentLink} from '../arbitration/question.ts';
import type {Place} from './cli.ts';

const links = [{...silentLink, ageMs: 5_200, proven: false}];
const question = questionOf({class: 'address', peer: {links}});

/** Writes a journal of verdicts; what stands in `data` goes over what the judge said. */
export function writeVerdicts(
  place: Place,
  datas: readonly Readonly<Record<string, unknown>>[],
): string {
  const directory = `${place.env['HA_STATE']!}/journal`;
  mkdirSync(directory, {recursive: true});
  const {cause, decision, proof, clauses} = judge(question);
  let point = chainOrigin;
  let text = '';
  for (const [at, data] of datas.entries()) {
    const known = {decision, proof, clauses, over: 'node1', question: keepQuestion(question)};
    const entry = {
      kind: 'verdict',
      service: 'web',
      node: 'node2',
      atMs: at,
      cause,
      data: {...known, ...data},
    };
    const stamp = {at: `2026-11-20T22:1${at}:00.000Z`, incarnation: 1};
    const linked = linkRecord(point, entry, {stamp, hashText: sha256Text});
    point = linked.record;
    text += `${linked.line}\n`;
  }
  writeFileSync(`${directory}/journal-000000000001.jsonl`, text);
  return directory;
}
