/**
 * `npm run sim:planted [TEXT]`: plants each defect whose name has the text, looks for it, and
 * prints what found it. Exit 1 where one is not found within its bound, or fits no more.
 */

import {catalogue} from './catalogue.ts';
import type {Defect} from './defect.ts';
import {hunt} from './scratch.ts';
import type {Outcome} from './scratch.ts';

const wanted = process.argv[2] ?? '';

function describe({by}: Defect, outcome: Outcome): string {
  switch (outcome.kind) {
    case 'found': {
      const where = 'scenario' in by ? by.scenario : `${outcome.seeds} seeds`;
      return `${outcome.rule} | ${where} | ${outcome.text}`;
    }
    case 'missed':
      return 'NOT FOUND';
    case 'broken':
      return `DOES NOT RUN | ${outcome.text}`;
  }
}

let missed = 0;
for (const defect of catalogue.filter(({name}) => name.includes(wanted))) {
  const outcome = await hunt(defect).catch((error: unknown): Outcome => ({
    kind: 'broken',
    text: String(error),
  }));
  if (outcome.kind !== 'found') missed += 1;
  process.stdout.write(`${defect.name} | ${describe(defect, outcome)}\n`);
}
process.stdout.write(missed === 0 ? 'all were found\n' : `${missed} were not found\n`);
process.exitCode = missed === 0 ? 0 : 1;
