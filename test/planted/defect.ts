/**
 * A planted defect: one slip of a programmer, as a change of one place in src/. The tables of this
 * directory list them; each must be found by the swarm of the simulator or by a golden scenario.
 */

export interface Defect {
  /** What the code does wrong then, as a clause: `silence passes for proof`. */
  readonly name: string;
  /** Below src/. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /**
   * What finds it: seeds of a swarm, or the golden scenario of this name, whose transcript then
   * breaks a rule or differs.
   */
  readonly by: BySeeds | {readonly scenario: string};
  /** Found within a second or two: part of `npm test`. */
  readonly fast?: true;
}

export interface BySeeds {
  /** So many at most. */
  readonly seeds: number;
  readonly from?: number;
}

/** Why the change does not fit the text of its file any more, or null. */
export function misfit(text: string, {find, replace}: Defect): string | null {
  const count = text.split(find).length - 1;
  if (count !== 1) return `found ${count} times, expected once: ${find}`;
  return find === replace ? `changes nothing: ${find}` : null;
}

/** The text with the defect in it. */
export function planted(text: string, defect: Defect): string {
  const wrong = misfit(text, defect);
  if (wrong !== null) throw new Error(`${defect.file}: ${wrong}`);
  return text.replace(defect.find, () => defect.replace);
}
