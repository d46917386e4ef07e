/** The helper of stall-witness.ts. Arguments: tag and directory of the run. Ends with its input. */

import {existsSync} from 'node:fs';
import {sweep} from './sweep.ts';

/** Its own timer must not be later than this; the dead times of the tests are 2 s and more. */
const stallMs = 250;
const beatMs = 50;

const [tag = '', directory = ''] = process.argv.slice(2);
const nowMs = (): number => Number(process.hrtime.bigint() / 1_000_000n);
let lastMs = nowMs();

const look = (): void => {
  const now = nowMs();
  const lengthMs = now - lastMs - beatMs;
  if (lengthMs > stallMs) process.stdout.write(`${JSON.stringify({atMs: now, lengthMs})}\n`);
  lastMs = now;
};

const timer = setInterval(look, beatMs);
process.stdout.write('watching\n');
// The pipe closes when the test process ends, however it ended.
process.stdin.resume().on('end', () => {
  look();
  clearInterval(timer);
  if (existsSync(directory)) void sweep({tag, directory}); // a rejection ends us with its message
});
process.stdout.on('error', () => undefined); // nobody listens any more
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
