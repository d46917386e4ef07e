/**
 * Source text with comments and the contents of strings blanked out, so that a word in a comment is
 * not taken for a call. Length and line breaks stay as they are: positions remain valid.
 */

/** What can stand before a slash that begins a regular expression rather than a division. */
const beforeRegExp = /(?:^|[(,=:[!&|?{};+>~^]|\breturn|\btypeof|\bcase)\s*$/;

const blank = (text: string): string => text.replaceAll(/[^\n]/g, ' ');

/** End of the literal that opens at `from` with `quote`; a line break ends a plain string too. */
function endOfString(text: string, from: number): number {
  const quote = text[from];
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === quote || text[at] === '\n') return at + 1;
  }
  return text.length;
}

/** End of the regular expression that opens at `from`. */
function endOfRegExp(text: string, from: number): number {
  let inClass = false;
  for (let at = from + 1; at < text.length && text[at] !== '\n'; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '[') inClass = true;
    else if (text[at] === ']') inClass = false;
    else if (text[at] === '/' && !inClass) return at + 1;
  }
  return from + 1;
}

function endOfComment(text: string, from: number): number {
  const block = text.startsWith('/*', from);
  const end = text.indexOf(block ? '*/' : '\n', from + 2);
  if (end === -1) return text.length;
  return block ? end + 2 : end;
}

interface Scan {
  readonly text: string;
  at: number;
  out: string;
  /** Open braces inside each template expression that we are in. */
  readonly depths: number[];
}

/** The text of a template up to its end or to its next `${`. */
function blankTemplate(scan: Scan): void {
  const from = scan.at;
  let at = from;
  while (at < scan.text.length && scan.text[at] !== '`') {
    if (scan.text.startsWith('${', at)) {
      scan.depths.push(0);
      scan.out += `${blank(scan.text.slice(from, at))}\${`;
      scan.at = at + 2;
      return;
    }
    at += scan.text[at] === '\\' ? 2 : 1;
  }
  scan.out += `${blank(scan.text.slice(from, at))}\``;
  scan.at = at + 1;
}

function blankTo(scan: Scan, end: number): void {
  scan.out += blank(scan.text.slice(scan.at, end));
  scan.at = end;
}

/** Braces decide where a template expression ends and its text goes on. */
function takeCharacter(scan: Scan): void {
  const char = scan.text[scan.at] ?? '';
  scan.out += char;
  scan.at += 1;
  const top = scan.depths.length - 1;
  const depth = scan.depths[top];
  if (depth === undefined) return;
  if (char === '{') scan.depths[top] = depth + 1;
  if (char !== '}') return;
  scan.depths[top] = depth - 1;
  if (depth > 0) return;
  scan.depths.pop();
  blankTemplate(scan);
}

/** The same text, comments and literals blanked. */
export function codeOnly(text: string): string {
  const scan: Scan = {text, at: 0, out: '', depths: []};
  while (scan.at < text.length) {
    const char = text[scan.at];
    const next = text[scan.at + 1];
    if (char === '/' && (next === '/' || next === '*')) {
      blankTo(scan, endOfComment(text, scan.at));
    } else if (char === "'" || char === '"') {
      blankTo(scan, endOfString(text, scan.at));
    } else if (char === '`') {
      scan.out += '`';
      scan.at += 1;
      blankTemplate(scan);
    } else if (char === '/' && beforeRegExp.test(scan.out.slice(-80))) {
      blankTo(scan, endOfRegExp(text, scan.at));
    } else {
      takeCharacter(scan);
    }
  }
  return scan.out;
}
