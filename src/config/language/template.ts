/**
 * A value with references to its parts: `{nodename}`, `{env.{kind}}`, `$(2 * {#nodes})`. What only
 * looks like one stays text: `${HOME}`, `{a,b}`, `{{.Names}}`, `$(date)` belong to a shell or to a
 * program. `\{` is a brace.
 */

/** Braces within braces. */
const nestingMax = 20;
/** Characters of one reference, and of one expression: what is longer stays text. */
const referenceCharsMax = 256;
const expressionCharsMax = 1_024;

export type Part =
  | {readonly kind: 'text'; readonly text: string}
  | {readonly kind: 'reference'; readonly name: readonly Part[]; readonly source: string}
  | {readonly kind: 'expression'; readonly parts: readonly Part[]; readonly source: string};

/** False where a value is what it says, so that nothing has to be evaluated. */
export function mayRefer(raw: string): boolean {
  return raw.includes('{') || raw.includes('$(');
}

export function parseTemplate(raw: string): readonly Part[] {
  return partsOf(raw, expressionAt);
}

/** `expression`: what reads one at an index; there are none within another. */
function partsOf(raw: string, expression: typeof expressionAt): readonly Part[] {
  const parts: Part[] = [];
  let plain = '';
  let at = 0;
  const push = (part: Part): void => {
    if (plain !== '') parts.push({kind: 'text', text: plain});
    plain = '';
    parts.push(part);
  };
  while (at < raw.length) {
    const found = referenceAt(raw, at, 0) ?? expression(raw, at);
    if (found !== null) {
      push(found.part);
      at = found.end;
    } else if (raw[at] === '\\' && raw[at + 1] === '{') {
      plain += '{';
      at += 2;
    } else {
      plain += raw[at]!;
      at += 1;
    }
  }
  if (plain !== '') parts.push({kind: 'text', text: plain});
  return parts;
}

interface Found {
  readonly part: Part;
  readonly end: number;
}

/** Characters of a name; the first one is no mark of punctuation. */
const nameChar = /[\w#.[\]:/+-]/;

function referenceAt(raw: string, start: number, depth: number): Found | null {
  if (raw[start] !== '{' || raw[start - 1] === '$' || raw[start - 1] === '\\') return null;
  if (depth === nestingMax) return null;
  const name: Part[] = [];
  let text = '';
  let at = start + 1;
  while (at < raw.length && raw[at] !== '}') {
    if (at - start > referenceCharsMax) return null;
    const inner = referenceAt(raw, at, depth + 1);
    if (inner !== null) {
      if (text !== '') name.push({kind: 'text', text});
      text = '';
      name.push(inner.part);
      at = inner.end;
    } else if (nameChar.test(raw[at]!) && (at > start + 1 || /[\w#]/.test(raw[at]!))) {
      text += raw[at]!;
      at += 1;
    } else return null;
  }
  if (at >= raw.length || at === start + 1) return null;
  if (text !== '') name.push({kind: 'text', text});
  return {part: {kind: 'reference', name, source: raw.slice(start, at + 1)}, end: at + 1};
}

/** `$(` to the parenthesis that closes it; one of a shell is told apart when it is evaluated. */
function expressionAt(raw: string, start: number): Found | null {
  if (raw[start] !== '$' || raw[start + 1] !== '(' || raw[start - 1] === '\\') return null;
  let depth = 0;
  const last = Math.min(raw.length, start + expressionCharsMax);
  for (let at = start + 1; at < last; at += 1) {
    if (raw[at] === '(') depth += 1;
    if (raw[at] === ')') depth -= 1;
    if (depth > 0) continue;
    const parts = partsOf(raw.slice(start + 2, at), () => null);
    return {part: {kind: 'expression', parts, source: raw.slice(start, at + 1)}, end: at + 1};
  }
  return null;
}
