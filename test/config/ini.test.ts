import {describe, expect, it} from 'vitest';
import {collectFindings} from '../../src/config/findings.ts';
import {readIni, unquote} from '../../src/config/ini.ts';
import {render} from './support.ts';

function read(text: string): {sections: Record<string, unknown>; findings: string} {
  const {report, list} = collectFindings();
  const document = readIni('x.conf', text, report);
  const sections = Object.fromEntries(
    document.sections.map(({name, entries}) => [
      name,
      entries.map(({key, scope, raw, line}) => `${line} ${key}${scope ? `@${scope}` : ''}=${raw}`),
    ]),
  );
  return {sections, findings: render(list())};
}

describe('the ini reader', () => {
  it('reads sections and keys with their line numbers', () => {
    const {sections, findings} = read('[a]\nx = 1\n\n[b]\ny@node1=2\nZ : 3\n');
    expect(findings).toBe('');
    expect(sections).toEqual({a: ['2 x=1'], b: ['5 y@node1=2', '6 z=3']});
  });

  it('takes what follows a blank and a mark for a comment, outside quotes', () => {
    const text = `# top
; top
[a]     # section
x = 1   # one
y = a#b ; two
z = "a # b" 'c ; d' # three
q = it's # four
empty =
  # indented comment
`;
    expect(read(text)).toEqual({
      sections: {a: ['4 x=1', '5 y=a#b', `6 z="a # b" 'c ; d'`, "7 q=it's", '8 empty=']},
      findings: '',
    });
  });

  it('joins deeper lines to the key above them, and only those', () => {
    const text = '[a]\n  nodes = n1\n    n2\n\tn3\n  x = 1\n\n      y = 2\n';
    const {sections, findings} = read(text);
    expect(sections).toEqual({a: ['2 nodes=n1 n2', '5 x=1', '7 y=2']});
    expect(findings).toMatchInlineSnapshot(`
      "x.conf:4: error HA_CONF_SYNTAX
        expected "key = value", found "n3"
        -> Write "key = value", "[section]" or "# comment"."
    `);
  });

  it('reports what stands twice and keeps the first', () => {
    const {sections, findings} = read('[a]\nx=1\nX=2\nx@N1=3\nx@n1=4\n[a]\nx=5\n');
    expect(sections).toEqual({a: ['2 x=1', '4 x@N1=3']});
    expect(findings).toMatchInlineSnapshot(`
      "x.conf:3: error HA_CONF_DUPLICATE_KEY
        expected "x" once, found it again after line 2
        -> Keep one of them.
      x.conf:5: error HA_CONF_DUPLICATE_KEY
        expected "x@n1" once, found it again after line 4
        -> Keep one of them.
      x.conf:6: error HA_CONF_DUPLICATE_SECTION
        expected [a] once, found it again after line 1
        -> Keep one of them."
    `);
  });

  it('gives the keys below a broken header to nobody', () => {
    const {sections, findings} = read('x=0\n[a]\nx=1\n[b\nx=2\n[]\nx=3\nnonsense\n');
    expect(sections).toEqual({a: ['3 x=1']});
    expect(findings).toMatchInlineSnapshot(`
      "x.conf:1: error HA_CONF_SYNTAX
        expected a section before the first key, found "x"
        -> Write the line "[cluster]" or "[DEFAULT]" above it.
      x.conf:4: error HA_CONF_SYNTAX
        expected "[section]", found "[b"
        -> Write "key = value", "[section]" or "# comment".
      x.conf:6: error HA_CONF_SYNTAX
        expected "[section]", found "[]"
        -> Write "key = value", "[section]" or "# comment".
      x.conf:8: error HA_CONF_SYNTAX
        expected "key = value", found "nonsense"
        -> Write "key = value", "[section]" or "# comment"."
    `);
  });

  it('skips lines with control characters and lines without end, and goes on', () => {
    const {sections, findings} = read(`\uFEFF[a]\nx=\u0000\ny=${'y'.repeat(3_000)}\nz=\t1\n`);
    expect(sections).toEqual({a: ['4 z=1']});
    expect(findings).toMatchInlineSnapshot(`
      "x.conf:2: error HA_CONF_BAD_CHARACTER
        expected text, found the control character 0x00 in column 3
        -> Remove the character; tabs and blanks are allowed.
      x.conf:3: error HA_CONF_LINE_TOO_LONG
        expected at most 2048 characters, found 3002
        -> Split it with a continuation line."
    `);
  });

  it('does not read a file beyond its limits', () => {
    expect(read('x'.repeat(600_000)).findings).toMatchInlineSnapshot(
      `
      "x.conf:0: error HA_CONF_FILE_TOO_LARGE
        expected at most 524288 bytes, found 600000
        -> Look whether something else was written there."
    `,
    );
    expect(read('\n'.repeat(20_000)).findings).toMatchInlineSnapshot(
      `
      "x.conf:0: error HA_CONF_TOO_MANY
        expected at most 10000 lines, found 20001
        -> Use fewer."
    `,
    );
    const many = Array.from({length: 600}, (_, index) => `[s${index}]\nx=${index}\n`).join('');
    const {sections, findings} = read(many);
    expect(Object.keys(sections)).toHaveLength(512);
    expect(sections['s511']).toEqual(['1024 x=511']);
    expect(findings.split('\n')[0]).toMatchInlineSnapshot(`"x.conf:1025: error HA_CONF_TOO_MANY"`);
  });

  it('takes quotes off a value only where they enclose all of it', () => {
    expect(['"a b"', "'a'", '"a" "b"', '"a', 'a"'].map(unquote)).toEqual([
      'a b',
      'a',
      '"a" "b"',
      '"a',
      'a"',
    ]);
  });
});
