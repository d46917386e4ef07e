/**
 * Writes the log without ever waiting for its reader. A synchronous write to a pipe that nobody
 * reads, to a journald that hangs or to a terminal after Ctrl-S blocks the process, and a daemon
 * that waits for its log looks dead to its peers. So lines go out through the thread pool, one
 * write at a time; what a stuck reader leaves behind is bounded, and beyond that it is dropped and
 * counted.
 */

import {write, writeSync} from 'node:fs';

/** Characters that may wait. */
const waitingCharsMax = 1_024 * 1_024;
/** Between two attempts on a reader that takes nothing at the moment (EAGAIN), ms. */
const retryMs = 50;
/** How long the last words wait for a write under way, ms. */
const lastWordsMs = 50;

export class LogWriter {
  readonly #fd: number;
  #waiting = '';
  #writing = false;
  #droppedCount = 0;

  constructor(fd: number) {
    this.#fd = fd;
    process.on('exit', () => this.#lastWords());
  }

  /** Lines that were dropped since the last one that went out. */
  get droppedCount(): number {
    return this.#droppedCount;
  }

  /** As pino's destination: one line with its line feed. */
  write(line: string): void {
    if (this.#waiting.length + line.length > waitingCharsMax) {
      this.#droppedCount += 1;
      return;
    }
    this.#waiting += line;
    this.#next();
  }

  #next(): void {
    if (this.#writing || this.#waiting === '') return;
    const bytes = Buffer.from(this.#waiting);
    this.#waiting = '';
    this.#writing = true;
    this.#send(bytes);
  }

  #send(bytes: Buffer): void {
    write(this.#fd, bytes, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.#send(bytes), retryMs).unref();
        return;
      }
      if (error === null && written < bytes.length) {
        this.#send(bytes.subarray(written));
        return;
      }
      // A closed pipe (EPIPE) is no fault of the daemon: nobody wants to read, it goes on.
      this.#writing = false;
      this.#sayDropped();
      this.#next();
    });
  }

  #sayDropped(): void {
    if (this.#droppedCount === 0) return;
    this.#waiting += `${JSON.stringify({level: 'warn', droppedLines: this.#droppedCount})}\n`;
    this.#droppedCount = 0;
  }

  /** At the end of the process there are no more turns: what waits goes out at once or never. */
  #lastWords(): void {
    // The thread of a write under way goes on while this one sleeps.
    if (this.#writing) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lastWordsMs);
    try {
      if (this.#waiting !== '') writeSync(this.#fd, this.#waiting);
    } catch {
      // The reader takes nothing or is gone; nothing can be said about it any more.
    }
  }
}
