/**
 * A daemon that a script left running often still holds the script's output. If we closed our end
 * it would die of SIGPIPE at its next line of log, and again when we restart or crash. So that
 * end is handed to a `cat` that reads it away for as long as the daemon lives, whatever becomes
 * of us.
 */

import {spawn} from 'node:child_process';
import type {Readable} from 'node:stream';
import {servicesMax} from '../../kernel/limits.ts';
import {spawnTurn} from './spawn-turn.ts';

/** Two streams for each of the services a node may have. */
const drainersMax = 2 * servicesMax;

let drainerCount = 0;

/**
 * Takes over the reading end of a stream whose writer lives on. The stream must not be used
 * again.
 */
export function drainForever(stream: Readable): void {
  if (drainerCount >= drainersMax) {
    discard(stream);
    return;
  }
  stream.pause();
  drainerCount += 1;
  // Nobody waits for it, and it never rejects: whatever fails ends in `discard`.
  void spawnTurn().then(() => startDrainer(stream));
}

function startDrainer(stream: Readable): void {
  const release = (): void => {
    drainerCount -= 1;
  };
  try {
    const drainer = spawn('/bin/cat', [], {
      stdio: [stream, 'ignore', 'ignore'],
      detached: true,
      cwd: '/',
      env: {},
    });
    drainer.once('spawn', () => stream.destroy());
    drainer.once('exit', release);
    drainer.once('error', () => {
      release();
      discard(stream);
    });
    drainer.unref();
  } catch {
    // No process can be made now: keep our end open, which serves as long as we live.
    release();
    discard(stream);
  }
}

/** Reads and forgets without holding this process alive. */
function discard(stream: Readable): void {
  stream.removeAllListeners('data');
  stream.resume();
  (stream as Readable & {unref?: () => void}).unref?.();
}
