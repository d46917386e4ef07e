import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {findKey, setKey, unsetKey, type KeyPath} from '../../src/config/edit-ini.ts';
import {silent} from '../../src/config/findings.ts';
import {readIni, unquote} from '../../src/config/ini.ts';
import {assignedValue, parseAssignment, parseKeyPath} from '../../src/config/key-path.ts';

const path = (text: string): KeyPath => {
  const parsed = parseKeyPath(text, ['app#1.5']);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
};
const set = (text: string, key: string, value: string): string => {
  const edited = setKey(text, path(key), value);
  return edited.ok ? edited.value : `${edited.error.code}: ${edited.error.message}`;
};
const unset = (text: string, key: string): string => {
  const edited = unsetKey(text, path(key));
  return edited.ok ? edited.value : `${edited.error.code}: ${edited.error.message}`;
};

const file = `# top
[DEFAULT]
nodes = node1   # the first
  node2         # the second
  # and none
env=TST

[app#1]   ; the web server
  script = /opt/web
  start = yes       # at once
`;

describe('setting a key', () => {
  it.each([
    ['env', 'PRD', 'env=TST', 'env=PRD'],
    ['app#1.start', '10', 'start = yes       # at once', 'start = 10        # at once'],
    ['app#1.start', '/a/long/path start', 'yes       # at once', '/a/long/path start # at once'],
    ['app#1.stop', 'yes', '# at once\n', '# at once\n  stop = yes\n'],
    ['app#1.START', 'no', 'start = yes  ', 'start = no   '],
    ['app#1.start@node1', 'no', '# at once\n', '# at once\n  start@node1 = no\n'],
    ['DEFAULT.comment', 'a # b', 'env=TST\n', 'env=TST\ncomment = "a # b"\n'],
    ['app#2.script', '/x', '# at once\n', '# at once\n\n[app#2]\nscript = /x\n'],
    ['env', '', 'env=TST', 'env='],
  ])('%s to %j changes its line alone', (key, value, before, after) => {
    expect(file).toContain(before);
    expect(set(file, key, value)).toBe(file.replace(before, after));
  });

  it('replaces a value of several lines, and keeps the comments between them', () => {
    expect(set(file, 'nodes', 'a b')).toBe(
      file
        .replace('nodes = node1   #', 'nodes = a b     #')
        .replace('  node2         # the second\n', ''),
    );
  });

  it('keeps the line ends of the file, and gives the last line one', () => {
    expect(set('[a]\r\nx=1', 'a.y', '2')).toBe('[a]\r\nx=1\r\ny = 2\r\n');
    expect(set('', 'a.y', '2')).toBe('[a]\ny = 2\n');
    expect(set('[a]\rx = 1 # c\r', 'a.x', '2')).toBe('[a]\rx = 2 # c\r');
    expect(set('\uFEFF[a]\nx = 1\n', 'a.x', '2')).toBe('\uFEFF[a]\nx = 2\n');
  });

  it.each([
    ['a.x', 'one\ntwo', 'HA_CONF_BAD_VALUE'],
    ['a.x', ' one', 'HA_CONF_BAD_VALUE'],
    ['a.x', `"'# `.trim(), 'HA_CONF_BAD_VALUE'],
    ['a.x', 'x'.repeat(9_000), 'HA_CONF_BAD_VALUE'],
    ['a]b.x', '1', 'HA_CONF_BAD_NAME'],
  ])('%s to %j is refused', (key, value, code) => {
    if (value === `"'#`) expect(set('[a]\n', key, `' # "`)).toContain(code);
    else expect(set('[a]\n', key, value)).toContain(code);
  });
});

describe('taking a key away', () => {
  it('takes its line and those that continue it, and leaves the rest', () => {
    expect(unset(file, 'nodes')).toBe(
      file.replace('nodes = node1   # the first\n  node2         # the second\n', ''),
    );
    expect(unset(file, 'app#1.start')).toBe(file.replace('  start = yes       # at once\n', ''));
  });

  it('says so where there is none', () => {
    expect(unset(file, 'app#1.stop')).toBe(
      'HA_CONF_NO_SUCH_KEY: expected app#1.stop in the file, found no such key',
    );
  });
});

describe('any file', () => {
  const key = fc.constantFrom('x', 'y', 'z@n1', 'z');
  const value = fc.constantFrom('1', 'a b', '"q r"', `it's`, '', 'a#b', 'x # y', "'", ';');
  const line = fc.oneof(
    fc.constantFrom('', '# c', '  ; c', '[a]', '[b]', '   deeper', 'nonsense', '\tt # d', '[a'),
    fc
      .tuple(fc.constantFrom('', '  '), key, fc.constantFrom(' = ', '=', ': '), value)
      .map((parts) => parts.join('')),
  );
  const text = fc
    .tuple(fc.array(line, {maxLength: 12}), fc.constantFrom('\n', '\r\n'), fc.boolean())
    .map(([lines, end, closed]) => lines.join(end) + (closed ? end : ''));
  const where = fc.constantFrom('a.x', 'b.z@n1', 'a.new', 'c.x');

  const others = (whole: string, without: KeyPath): readonly string[] =>
    readIni('', whole, silent).sections.flatMap(({name, entries}) =>
      entries
        .filter(
          (one) =>
            name !== without.section || one.key !== without.key || one.scope !== without.scope,
        )
        .map(({key: own, scope, raw}) => `${name}.${own}@${scope}=${raw}`),
    );

  it('says the same of all else after an edit, and what was set of the key', () => {
    fc.assert(
      fc.property(text, where, value, (whole, name, wanted) => {
        const at = path(name);
        const edited = setKey(whole, at, wanted);
        if (!edited.ok) return;
        expect(unquote(findKey(edited.value, at)!.raw)).toBe(wanted);
        expect(others(edited.value, at)).toEqual(others(whole, at));
        const kept = whole.split(/\r\n|\n/).filter((one) => /^\s*[#;]/.test(one));
        expect(edited.value.split(/\r\n|\n/)).toEqual(expect.arrayContaining(kept));
        const again = setKey(edited.value, at, wanted);
        expect(again.ok && again.value).toBe(edited.value);
        const back = unsetKey(edited.value, at);
        if (back.ok) expect(findKey(back.value, at)).toBeNull();
      }),
      {numRuns: 2_000},
    );
  });

  it('is as it was where a new key is set and taken away again', () => {
    fc.assert(
      fc.property(text, value, (whole, wanted) => {
        const at = path('a.new');
        const closed = whole === '' || /[\r\n]$/.test(whole) ? whole : `${whole}\n`;
        if (findKey(whole, path('a.x')) === null) return;
        const edited = setKey(closed, at, wanted);
        if (!edited.ok) return;
        expect(unsetKey(edited.value, at)).toEqual({ok: true, value: closed});
      }),
      {numRuns: 1_000},
    );
  });
});

describe('a path and what becomes of it', () => {
  it.each([
    ['nodes', {section: 'DEFAULT', key: 'nodes', scope: null}],
    ['sync#1.array@Node1', {section: 'sync#1', key: 'array', scope: 'Node1'}],
    ['app#1.5.start', {section: 'app#1.5', key: 'start', scope: null}],
    ['env.x', {section: 'env', key: 'x', scope: null}],
  ])('%s is read', (text, expected) => {
    expect(path(text)).toEqual(expected);
  });

  it.each(['', '.', '.x', 'a.', 'a.b@c@d', 'a b.c d', 'a.1'])('%j is refused', (text) => {
    expect(parseKeyPath(text, []).ok).toBe(false);
  });

  it.each([
    ['a.k=v=w', null, 'v=w'],
    ['a.k=', 'x', ''],
    ['a.k+=c', 'a b', 'a b c'],
    ['a.k+=a', null, 'a'],
    ['a.k|=b', 'a b', 'a b'],
    ['a.k|=c', 'a b', 'a b c'],
    ['a.k-=a', 'a b a', 'b'],
    ['a.k-=c', 'a b', 'expected "c" among "a b", found it not'],
    ['a.k[0]=c', 'a b', 'c b'],
    ['a.k[-1]=c', 'a b', 'a c'],
    ['a.k[2]=c', 'a b', 'expected an element of 2, found [2]'],
    ['a.k[0]+=c', 'a b', 'expected one of [N]= and +=, found both in "a.k[0]+=c"'],
    ['a.k', 'a b', 'expected section.key=value, found "a.k"'],
  ])('%s of %j gives %j', (text, old, expected) => {
    const change = parseAssignment(text, []);
    const value = change.ok ? assignedValue(change.value, old) : change;
    expect(value.ok ? value.value : value.error.message).toBe(expected);
  });
});
