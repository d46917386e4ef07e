import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {dim, good, paint, strong, toText, wantsColour} from '../../src/status/lines.ts';
import {table} from '../../src/status/table.ts';
import {clipMiddle, displayWidth, padTo, printable, wrap} from '../../src/status/text.ts';

describe('printable text', () => {
  test.each([
    ['plain text', 'web on node1', 'web on node1'],
    ['an escape sequence', '\u001b[31mred', '\\x1b[31mred'],
    ['a newline and a tab', 'a\nb\tc', 'a\\x0ab\\x09c'],
    ['an eight-bit control', '\u009b2J', '\\x9b2J'],
    ['a reading direction', 'a\u202eb', 'a\\u{202e}b'],
    ['a hidden character', 'a\u200bb', 'a\\u{200b}b'],
    ['a broken surrogate', 'a\ud800b', 'a\\u{d800}b'],
    ['accents and wide characters', 'Zürich 東京', 'Zürich 東京'],
  ])('%s', (_title, text, expected) => {
    expect(printable(text)).toBe(expected);
    expect(printable(printable(text))).toBe(expected);
  });

  test('never lets a control character through, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({unit: 'binary'}), (text) => {
        // oxlint-disable-next-line no-control-regex -- that none is left is the point
        return !/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/.test(printable(text));
      }),
    );
  });
});

describe('width', () => {
  test.each([
    ['abc', 3],
    ['東京', 4],
    ['e\u0301', 1],
    ['\u001b', 4],
    ['😀', 2],
  ])('of %j is %i', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  test('padding reaches it exactly and never cuts', () => {
    expect(padTo('東', 4)).toBe('東  ');
    expect(padTo('abcdef', 4)).toBe('abcdef');
  });

  test('clipping keeps both ends of a path', () => {
    expect(clipMiddle('/dev/mapper/14f504e46494c4552:0', 20)).toBe('/dev/map...94c4552:0');
  });

  test('a clipped text is never wider than asked', () => {
    fc.assert(
      fc.property(fc.string({unit: 'grapheme'}), fc.integer({min: 0, max: 40}), (text, width) => {
        return displayWidth(clipMiddle(text, width)) <= width;
      }),
    );
  });

  test('a wrapped text loses nothing but blanks and keeps to its width', () => {
    fc.assert(
      fc.property(fc.string({unit: 'grapheme'}), fc.integer({min: 8, max: 60}), (text, width) => {
        const lines = wrap(text, width);
        const squeeze = (from: string): string => from.replaceAll(' ', '');
        expect(squeeze(lines.join(''))).toBe(squeeze(printable(text)));
        expect(lines.every((line) => displayWidth(line) <= width)).toBe(true);
      }),
    );
  });
});

describe('a table', () => {
  test('lines up by display width and gives way in its elastic column', () => {
    const rows = [
      ['link', 'medium', 'state'],
      ['hb#1', '東京', 'up'],
      ['hb#2', '/dev/mapper/very-long-name-of-a-device', 'down'],
    ];
    expect(toText(table(rows, {width: 30, elastic: 1}), {colour: false})).toMatchInlineSnapshot(`
      "link  medium             state
      hb#1  東京               up
      hb#2  /dev/ma...-device  down
      "
    `);
  });
});

describe('colour', () => {
  test.each([
    ['a terminal', {isTerminal: true, noColor: undefined, term: 'xterm'}, true],
    ['an empty NO_COLOR', {isTerminal: true, noColor: '', term: 'xterm'}, true],
    ['NO_COLOR', {isTerminal: true, noColor: '1', term: 'xterm'}, false],
    ['a dumb terminal', {isTerminal: true, noColor: undefined, term: 'dumb'}, false],
    ['a pipe', {isTerminal: false, noColor: undefined, term: 'xterm'}, false],
  ])('%s', (_title, facts, wanted) => {
    expect(wantsColour(facts)).toBe(wanted);
  });

  test('says nothing that the text does not say', () => {
    const lines = [['a ', good('STARTED'), ' ', dim('x'), strong('y'), '  ']];
    const coloured = toText(lines, {colour: true});
    // oxlint-disable-next-line no-control-regex -- takes the colours away again
    expect(coloured.replaceAll(/\u001b\[[\d;]*m/g, '')).toBe(toText(lines, {colour: false}));
    expect(coloured).toBe('a \u001b[32mSTARTED\u001b[0m \u001b[2mx\u001b[0m\u001b[1my\u001b[0m\n');
    expect(paint('x', {tone: 'bad', on: false})).toBe('x');
  });
});
