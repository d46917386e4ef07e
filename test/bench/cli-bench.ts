/** How long a person waits for `ha status`, beside the shortest wait that Node has to offer. */

import {spawnSync} from 'node:child_process';
import {medianOf, row, type Row} from './measure.ts';
import {ha, type TwoDaemons} from './two-daemons.ts';

const repetitions = 21;
const ratioMax = 2;

export function cliBench({environment}: TwoDaemons): readonly Row[] {
  const env = {PATH: process.env['PATH'], ...environment};
  const commands = {nothing: ['-e', '0'], status: [ha, 'status'], json: [ha, 'status', '--json']};
  const samples: Record<keyof typeof commands, number[]> = {nothing: [], status: [], json: []};
  const names = Object.keys(commands) as (keyof typeof commands)[];
  // In turns, so that a busy moment of the machine meets all of them alike.
  for (let index = -2; index < repetitions; index += 1) {
    for (const name of names) {
      const ms = timed(commands[name], env);
      if (index >= 0) samples[name].push(ms);
    }
  }
  const nothingMs = medianOf(samples.nothing);
  const ratio = (name: keyof typeof commands): number => medianOf(samples[name]) / nothingMs;
  const what = 'command line';
  return [
    row({what, at: 'node -e 0', value: nothingMs, unit: 'ms'}),
    row({what, at: 'ha status', value: medianOf(samples.status), unit: 'ms'}),
    row({what, at: 'ha status', value: ratio('status'), unit: 'x node -e 0', atMost: ratioMax}),
    row({what, at: 'ha status --json', value: ratio('json'), unit: 'x node -e 0'}),
  ];
}

function timed(args: readonly string[], env: NodeJS.ProcessEnv): number {
  const startMs = performance.now();
  const {status} = spawnSync(process.execPath, args, {env, stdio: 'ignore'});
  const ms = performance.now() - startMs;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`);
  return ms;
}
