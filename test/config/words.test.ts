import {describe, expect, it} from 'vitest';
import {nearest} from '../../src/config/nearest.ts';
import {splitWords} from '../../src/config/words.ts';

describe('a command line', () => {
  it.each([
    ['/bin/x start', ['/bin/x', 'start']],
    ['  /bin/x   a\tb ', ['/bin/x', 'a', 'b']],
    [`/bin/x "a b" 'c d'`, ['/bin/x', 'a b', 'c d']],
    [`/bin/x --a="b c"d`, ['/bin/x', '--a=b cd']],
    [`/bin/x '' ""`, ['/bin/x', '', '']],
    [String.raw`/bin/x a\ b "c\"d" '\n'`, ['/bin/x', 'a b', 'c"d', String.raw`\n`]],
    [`/bin/sh -c 'a && b | c > $D'`, ['/bin/sh', '-c', 'a && b | c > $D']],
    [String.raw`/bin/x "\$HOME"`, ['/bin/x', '$HOME']],
    ['/bin/x 100% ~ * $ a$', ['/bin/x', '100%', '~', '*', '$', 'a$']],
  ])('%s is split without a shell', (text, words) => {
    expect(splitWords(text)).toEqual({ok: true, value: words});
  });

  it.each([
    ['/bin/x | y', 'shell', '|'],
    ['/bin/x && y', 'shell', '&&'],
    ['/bin/x; y', 'shell', ';'],
    ['/bin/x > /tmp/y', 'shell', '>'],
    ['/bin/x `y`', 'shell', '`'],
    ['/bin/x $(y)', 'shell', '$('],
    ['/bin/x "$HOME"', 'shell', '$H'],
    ['/bin/x ${HOME}', 'shell', '${'],
    ['/bin/x "open', 'quote', '"open'],
    ["/bin/x 'open", 'quote', "'open"],
    ['   ', 'empty', ''],
    ['a '.repeat(70), 'many', '70'],
  ])('%s is refused', (text, kind, at) => {
    expect(splitWords(text)).toEqual({ok: false, error: {kind, at}});
  });
});

describe('the nearest name', () => {
  it.each([
    ['bet', 'beat'],
    ['DEAD', 'dead'],
    ['hold-down', 'hold_down'],
    ['xyzzy', null],
    ['', null],
    ['x'.repeat(1_000), null],
  ])('of %s is %s', (word, expected) => {
    expect(nearest(word, ['beat', 'dead', 'hold_down', 'delay'])).toBe(expected);
  });
});
