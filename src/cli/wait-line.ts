/**
 * What happens while one waits: on a terminal one line that is drawn again with step and elapsed
 * time, elsewhere a line per step. It is written to stderr, so that a pipe gets results only.
 */

import {formatAge} from '../kernel/duration.ts';
import {clipMiddle, printable} from '../status/text.ts';
import type {World} from './world.ts';

/** Often enough to look alive, seldom enough not to flicker over a slow line. */
const redrawMs = 250;
/** How often the daemon is asked where it is. */
const lookMs = 500;

const eraseLine = '\r\u001b[K';

export class WaitLine {
  readonly #world: World;
  readonly #quiet: boolean;
  readonly #live: boolean;
  #title = '';
  #step = '';
  #startedMs = 0;
  #timer: NodeJS.Timeout | null = null;
  #lookTimer: NodeJS.Timeout | null = null;

  constructor(world: World, options: {readonly quiet: boolean}) {
    this.#world = world;
    this.#quiet = options.quiet;
    this.#live = world.stderr.isTerminal && world.env['TERM'] !== 'dumb' && !options.quiet;
  }

  /** `look` says where the order is, step and budget; null: it cannot tell. */
  begin(title: string, look: () => Promise<string | null>): void {
    this.#title = title;
    this.#step = '';
    this.#startedMs = this.#world.wallMs();
    if (!this.#live) return;
    this.#timer = setInterval(() => this.#draw(), redrawMs);
    this.#lookTimer = setInterval(() => void this.#look(look), lookMs);
  }

  async #look(look: () => Promise<string | null>): Promise<void> {
    const title = this.#title;
    const text = await look();
    if (text !== null && this.#timer !== null && title === this.#title) this.#step = text;
  }

  progress(text: string): void {
    this.#step = text;
    if (this.#live) this.#draw();
    else if (!this.#quiet) this.#world.stderr.write(`${this.#title}: ${printable(text)}\n`);
  }

  end(): void {
    if (this.#timer === null || this.#lookTimer === null) return;
    clearInterval(this.#timer);
    clearInterval(this.#lookTimer);
    this.#timer = null;
    this.#lookTimer = null;
    this.#world.stderr.write(eraseLine);
  }

  close(): void {
    this.end();
  }

  #draw(): void {
    const elapsed = formatAge(this.#world.wallMs() - this.#startedMs);
    const step = this.#step === '' ? '' : `: ${this.#step}`;
    const columns = this.#world.stderr.columns - 1;
    const text = clipMiddle(`${this.#title}${step}, ${elapsed} (Ctrl-C detaches)`, columns);
    this.#world.stderr.write(`${eraseLine}${text}`);
  }
}
