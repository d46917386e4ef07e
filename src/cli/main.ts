/**
 * The `ha` command: builds the world from the process and runs one command in it. It ends by
 * emptying its event loop, never by process.exit, so that no byte of output is lost in a pipe.
 */

import {run} from './run.ts';
import type {Output, World} from './world.ts';

function output(stream: NodeJS.WriteStream): Output {
  // A reader that has seen enough (`ha events | head`) is no error of ours.
  if (stream.listenerCount('error') === 0) stream.on('error', () => undefined);
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY,
    // A terminal that does not know its size says 0; one that is drawn larger says so later.
    get columns() {
      return stream.columns || 80;
    },
    get rows() {
      return stream.rows || 24;
    },
  };
}

const [, script = 'ha', ...args] = process.argv;

const world: World = {
  programName: process.env['HA_PROGRAM'] ?? script.slice(script.lastIndexOf('/') + 1),
  args,
  env: process.env,
  platform: process.platform,
  stdout: output(process.stdout),
  // Asked for only by those who need them: making a stream is not free.
  get stderr() {
    return output(process.stderr);
  },
  get canAsk() {
    return process.stdin.isTTY && process.stderr.isTTY;
  },
  async ask(question) {
    const {askLine} = await import('./terminal.ts');
    return askLine(question);
  },
  async runAtTerminal(words) {
    const {runAtTerminal} = await import('../drivers/host/run-at-terminal.ts');
    return runAtTerminal(words);
  },
  onKey(listener) {
    const {stdin} = process;
    const take = (bytes: Buffer): void => listener(bytes.toString('latin1'));
    stdin.setRawMode(true);
    stdin.on('data', take).resume();
    return () => {
      stdin.off('data', take).pause();
      stdin.setRawMode(false);
    };
  },
  onInterrupt(listener) {
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    for (const signal of signals) process.on(signal, listener);
    return () => {
      for (const signal of signals) process.off(signal, listener);
    };
  },
  async actor() {
    const {actorName} = await import('./terminal.ts');
    return actorName(process.env);
  },
  wallMs: () => Date.now(),
};

process.exitCode = await run(world);
