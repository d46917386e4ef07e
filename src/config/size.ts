/**
 * Sizes. The generations of OpenSVC disagree on what a unit is: `4Ki` is 4000 in 2.x and 4096 in 3,
 * `4KB` the other way round. One letter is 1024 in 2.x and in LVM, and the letter with `i` or `iB`
 * is 1024 in every standard; the third form would be wrong for somebody, and is refused.
 */

const units = 'kmgtpe';

/** Bytes, 0 to 2^53; null: no size, or one that means two things. */
export function parseSize(text: string): number | null {
  const match = /^(\d{1,16}(?:[.,]\d{1,9})?)(?:([kmgtpe])(?:i|ib)?)?$/i.exec(text.trim());
  if (match === null) return null;
  const power = match[2] === undefined ? 0 : units.indexOf(match[2].toLowerCase()) + 1;
  const bytes = Math.round(Number(match[1]!.replace(',', '.')) * 1_024 ** power);
  return Number.isSafeInteger(bytes) ? bytes : null;
}
