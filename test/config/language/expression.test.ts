import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {evaluateExpression} from '../../../src/config/language/expression.ts';

function value(text: string): string {
  const result = evaluateExpression([{kind: 'text', text}]);
  return result.ok ? result.value : `${result.error.kind}: ${result.error.why}`;
}

describe('an expression', () => {
  it.each([
    ['1', '1'],
    ['1 + 2 * 3', '7'],
    ['(1 + 2) * 3', '9'],
    ['7 // 2', '3'],
    ['-7 // 2', '-4'],
    ['7 / 2', '3.5'],
    ['4 / 2', '2'],
    ['-7 % 3', '2'],
    ['7 % -3', '-2'],
    ['2 ** 3 ** 2', '512'],
    ['-2 ** 2', '-4'],
    ['2 ** -1', '0.5'],
    ['1 - 2 - 3', '-4'],
    ['0.1 + 0.2 == 0.3', 'true'],
    ['1 < 2 < 3', 'true'],
    ['1 < 2 > 3', 'false'],
    ['1 != 1', 'false'],
    ['"a" == \'a\'', 'true'],
    ['"2" == 2', 'true'],
    ['"n1" in "n10 n2"', 'false'],
    ['"n2" in "n10 n2"', 'true'],
    ['"n2" not in ("n1", "n3")', 'true'],
    ['2 in [1, 2,]', 'true'],
    ['not 1 == 2', 'true'],
    ['not not 0', 'false'],
    ['1 and 0 or 5', '5'],
    ['0 or "" or "x"', 'x'],
    ['"a" if 1 > 2 else "b"', 'b'],
    ['1 if 0 else 2 if 0 else 3', '3'],
    ['"a" + "b"', 'ab'],
    ['True', 'true'],
    ['[1, 2]', '1 2'],
    ['"b" > "a"', 'true'],
  ])('gives for %s the value %s', (text, expected) => {
    expect(value(text)).toBe(expected);
  });

  it.each([
    '',
    'date',
    'echo 1',
    '1 +',
    '1 2',
    '(1',
    '1)',
    '[1',
    "'open",
    '1 if 2',
    '* 2',
    '1 not 2',
  ])('is none where %j stands', (text) => {
    expect(value(text)).toMatch(/^syntax: expected /);
  });

  it.each([
    ['1 / 0', 'value: a division by zero'],
    ['1 % 0', 'value: a division by zero'],
    ['10 ** 99', 'value: the result is too large, or no number'],
    ['(0 - 8) ** 0.5', 'value: the result is too large, or no number'],
    ['1 + "a"', 'value: "+" expected two numbers'],
    ['1 < "a"', 'value: "<" expected two numbers or two texts'],
    [
      `${'('.repeat(21)}1${')'.repeat(21)}`,
      'value: expected at most 20 levels of parentheses and signs',
    ],
    [`${'-'.repeat(30)}1`, 'value: expected at most 20 levels of parentheses and signs'],
  ])('says why %s has no value', (text, expected) => {
    expect(value(text)).toBe(expected);
  });

  it('gives a value or a reason for every text', () => {
    const words = ['1', '2.5', '"a"', '+', '-', '**', '//', '(', ')', '[', ']', ',', 'in', 'not'];
    const more = ['if', 'else', 'and', 'or', '<', '==', 'x', ' '];
    const texts = fc.array(fc.constantFrom(...words, ...more), {maxLength: 60});
    fc.assert(
      fc.property(texts, fc.string(), (parts, text) => {
        for (const one of [parts.join(' '), text]) expect(value(one).length).toBeLessThan(5_000);
      }),
      {numRuns: 500},
    );
  });

  it('agrees with what the machine makes of sums and products', () => {
    const number = fc.integer({min: 0, max: 999});
    const operators = fc.array(fc.tuple(fc.constantFrom('+', '-', '*'), number), {maxLength: 4});
    fc.assert(
      fc.property(number, operators, (first, rest) => {
        const text = `${first}${rest.map(([operator, next]) => ` ${operator} ${next}`).join('')}`;
        expect(value(text)).toBe(String(naive(text)));
      }),
    );
  });
});

/** Products first, then sums from the left. */
function naive(text: string): number {
  return text
    .replaceAll(' - ', ' + -')
    .split(' + ')
    .map((product) =>
      product
        .split(' * ')
        .map(Number)
        .reduce((left, right) => left * right),
    )
    .reduce((left, right) => left + right);
}
