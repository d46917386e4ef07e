import fc from 'fast-check';
import {expect, test} from 'vitest';
import {keepOutput, lastLine, printable} from '../../../src/drivers/host/output.ts';

test('output within the limit is kept to the byte, however it comes in', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({maxLength: 50}), {maxLength: 10}), (chunks) => {
      const keeper = keepOutput(1_000);
      for (const chunk of chunks) keeper.push(Buffer.from(chunk));
      expect(keeper.text()).toBe(Buffer.concat(chunks).toString('utf8'));
    }),
  );
});

test('output beyond the limit keeps its head and its tail, and counts the rest', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({min: 0, max: 40}), {maxLength: 30}),
      fc.integer({min: 4, max: 100}),
      (lengths, bytesMax) => {
        const keeper = keepOutput(bytesMax);
        let all = '';
        for (const length of lengths) {
          const chunk = Array.from({length}, (_, index) => ((all.length + index) % 10).toString());
          keeper.push(Buffer.from(chunk.join('')));
          all += chunk.join('');
        }
        const headBytes = Math.floor(bytesMax / 4);
        const cutBytes = all.length - bytesMax;
        const head = all.slice(0, headBytes);
        const tail = all.slice(-(bytesMax - headBytes));
        const cut = `${head}\n[... ${cutBytes} bytes cut ...]\n${tail}`;
        expect(keeper.text()).toBe(cutBytes > 0 ? cut : all);
        expect(keeper.totalBytes).toBe(all.length);
      },
    ),
  );
});

test.each([
  ['', ''],
  ['\n\n', ''],
  ['one\ntwo\n\n', 'two'],
  ['  two  \r\n', 'two'],
  ['a\u001B[31mred\u0007', 'a?[31mred?'],
  ['right\u202Eleft', 'right?left'],
  ['x'.repeat(200), `${'x'.repeat(157)}...`],
])('the last line of %j is %j', (text, line) => {
  expect(lastLine(text)).toBe(line);
});

test('nothing that a terminal obeys survives', () => {
  fc.assert(
    fc.property(fc.string({unit: 'binary', maxLength: 300}), (text) => {
      expect(printable(text, 100)).toMatch(/^[^\p{Cc}\u2028\u2029\u202A-\u202E]{0,100}$/u);
    }),
  );
});
