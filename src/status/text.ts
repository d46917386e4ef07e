/**
 * Text that came from files, scripts, frames and operators ends on a terminal. Everything that
 * could move the cursor, change a title or turn the reading direction is made visible here, and the
 * width of a text is what the terminal shows, not how many code units it has.
 */

/** Plain ASCII needs no care: nearly every text takes this way. */
const plain = /^[\x20-\x7e]*$/;

/**
 * Controls (C0, DEL, C1), line and paragraph separators, and the marks that reorder or hide text
 * (bidirectional overrides and isolates, zero-width characters, byte-order mark).
 */
const harmful =
  // oxlint-disable-next-line no-control-regex -- finding control characters is what it is for
  /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]/gu;

/** The same text with every harmful character written as `\x1b` or `\u{202e}`; idempotent. */
export function printable(text: string): string {
  if (plain.test(text)) return text;
  return text.replace(harmful, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** The same for a text of several lines: its line breaks stay. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** Columns that a terminal needs for the printable form: wide characters take two, marks none. */
export function displayWidth(text: string): number {
  if (plain.test(text)) return text.length;
  let width = 0;
  for (const character of printable(text)) width += characterWidth(character);
  return width;
}

/** The text filled up with blanks to `width` columns; a longer one is left as it is. */
export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** At most `width` columns: the middle gives way, since paths differ at both ends. */
export function clipMiddle(text: string, width: number): string {
  const clean = printable(text);
  if (displayWidth(clean) <= width) return clean;
  const dots = width > 5 ? '...' : '';
  const room = Math.max(0, width - dots.length);
  const characters = Array.from(clean);
  const tail = takeWidth(characters.toReversed(), Math.ceil(room / 2));
  const head = takeWidth(characters, room - displayWidth(tail.join('')));
  return head.join('') + dots + tail.toReversed().join('');
}

/** Breaks at blanks into lines of at most `width` columns; a longer word is cut hard. */
export function wrap(text: string, width: number): readonly string[] {
  const room = Math.max(8, width);
  const lines: string[] = [];
  let line = '';
  for (const word of printable(text).split(/ +/)) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (displayWidth(joined) <= room) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    const pieces = cut(word, room);
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1) ?? '';
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines;
}

function cut(word: string, width: number): readonly string[] {
  const pieces: string[] = [];
  let rest = Array.from(word);
  while (displayWidth(rest.join('')) > width) {
    const piece = takeWidth(rest, width);
    pieces.push(piece.join(''));
    rest = rest.slice(piece.length);
  }
  pieces.push(rest.join(''));
  return pieces;
}

function takeWidth(characters: readonly string[], width: number): readonly string[] {
  let used = 0;
  let count = 0;
  for (const character of characters) {
    used += characterWidth(character);
    if (used > width) break;
    count += 1;
  }
  return characters.slice(0, count);
}

/** Blocks of East Asian wide and emoji characters, from Unicode's EastAsianWidth.txt, in order. */
const wideBlocks: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];

function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (/^[\p{Mn}\p{Me}]$/u.test(character)) return 0;
  return wideBlocks.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}
