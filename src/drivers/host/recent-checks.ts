/**
 * A program that was just found good is not looked at again for a moment: a start calls its script
 * three times, a thousand services often share one, and each look is a dozen calls of the file
 * system. At the look nobody but us and root could change the program, so for that moment it is as
 * safe as between a look and its exec(2). A program that was refused is looked at afresh.
 */

import {checkProgram, type ProgramCheck} from './check-program.ts';

/** From the beginning of a look until it no longer counts, ms. */
const freshMs = 1_000;
/** Programs remembered; more than the services that a node has. */
const rememberedMax = 2_048;

interface Seen {
  readonly check: ProgramCheck;
  readonly atMs: number;
}

export class RecentChecks {
  readonly #look: (name: string) => Promise<ProgramCheck>;
  readonly #nowMs: () => number;
  readonly #seen = new Map<string, Seen>();

  constructor(look: (name: string) => Promise<ProgramCheck>, nowMs: () => number) {
    this.#look = look;
    this.#nowMs = nowMs;
  }

  /** As `checkProgram`, at most a second old. */
  async check(name: string): Promise<ProgramCheck> {
    const atMs = this.#nowMs();
    const seen = this.#seen.get(name);
    if (seen !== undefined && atMs - seen.atMs < freshMs) return seen.check;
    const check = await this.#look(name);
    this.#seen.delete(name);
    if (!check.ok) return check;
    if (this.#seen.size >= rememberedMax) this.#seen.clear();
    this.#seen.set(name, {check, atMs});
    return check;
  }
}

/** Those of this process. */
export const recentChecks = new RecentChecks(checkProgram, () => performance.now());
