/**
 * The last view, for whoever asks while no daemon answers: written beside the journal, replaced as
 * a whole, at most every 2 s and at least every 60. It is shown with its age and decides nothing,
 * so it is not synced.
 */

import {rename, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {DaemonView} from '../control/types.ts';

export const viewFileName = 'last-view.json';

export class ViewFile {
  readonly #path: string;
  readonly #view: () => DaemonView;
  readonly #minMs: number;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();
  #refresh: NodeJS.Timeout | null = null;

  constructor(
    directory: string,
    view: () => DaemonView,
    pauses: {readonly minMs: number; readonly maxMs: number} = {minMs: 2_000, maxMs: 60_000},
  ) {
    this.#path = join(directory, viewFileName);
    this.#view = view;
    this.#minMs = pauses.minMs;
    this.#refresh = setInterval(() => this.changed(), pauses.maxMs);
    this.changed();
  }

  /** Something changed that a person would want to see. */
  changed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#writing = this.#writing.then(() => this.#write());
    }, this.#minMs);
  }

  /** The view at the very end: what the daemon left behind. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#refresh !== null) clearInterval(this.#refresh);
    this.#timer = null;
    this.#refresh = null;
    await this.#writing;
    await this.#write();
  }

  async #write(): Promise<void> {
    const temporary = `${this.#path}.tmp`;
    try {
      await writeFile(temporary, `${JSON.stringify(this.#view())}\n`, {mode: 0o600});
      await rename(temporary, this.#path);
    } catch {
      // The journal meets the same disk and says what is wrong with it; this file only helps
      // people.
    }
  }
}
