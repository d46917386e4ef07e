/** Misspelt names: the known name that was probably meant. */

/** The nearest candidate within a third of the word's length, or null. Compares without case. */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  const limit = Math.max(1, Math.floor(word.length / 3));
  if (word.length > 64) return null;
  let best: string | null = null;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > limit) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/** `Did you mean "x"?` where something is near, else the fallback sentence. */
export function didYouMean(word: string, candidates: Iterable<string>, fallback: string): string {
  const found = nearest(word, candidates);
  return found === null ? fallback : `Did you mean "${found}"?`;
}

/** Levenshtein's distance with one row of memory. */
function editDistance(left: string, right: string): number {
  const row = Array.from({length: right.length + 1}, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    let diagonal = row[0]!;
    row[0] = i;
    for (let j = 1; j <= right.length; j += 1) {
      const above = row[j]!;
      const swap = diagonal + (left[i - 1] === right[j - 1] ? 0 : 1);
      row[j] = Math.min(above + 1, row[j - 1]! + 1, swap);
      diagonal = above;
    }
  }
  return row[right.length]!;
}
