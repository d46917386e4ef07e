import {readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {generateKey, renderKeyFile} from '../../src/heartbeat/io/key-file.ts';
import * as layout from '../../src/heartbeat/layout.ts';
import {dropReasons} from '../../src/heartbeat/types.ts';
import {frameBytesMax} from '../../src/kernel/limits.ts';
import {serviceStates} from '../../src/kernel/words.ts';
import * as given from './cluster-of-frames.ts';

const document = readFileSync(new URL('../../docs/wire-format.md', import.meta.url), 'utf8');

describe('docs/wire-format.md', () => {
  test('has the table of the header as the code has it', () => {
    const rows = document.match(/^\| \d+ \|.*$/gm) ?? [];
    const expected = layout.headerFields.map(
      ({name, bytes, meaning}) => `| ${layout.at[name]} | ${bytes} | \`${name}\` | ${meaning} |`,
    );
    expect(rows).toEqual(expected);
  });

  test('names every reason for which a frame is dropped', () => {
    for (const reason of dropReasons) expect(document).toContain(`\`${reason}\``);
  });

  test('numbers the states as the wire does', () => {
    serviceStates.forEach((state, number) => expect(document).toContain(`${number} ${state}`));
  });

  test('gives the sizes that frames have', () => {
    const heard = [1, 2, 3].map((medium) => ({peer: 1, medium, incarnation: 1, sequence: 1}));
    const sizeOf = (count: number) => given.bytesOf({heard, claims: given.claimsOf(count)}).length;
    expect(document).toContain(
      `${sizeOf(1)} bytes with one service, ${sizeOf(20)} with 20 and 1,131 with 100`,
    );
    const fits = Math.floor((frameBytesMax - sizeOf(0)) / layout.claimBytes);
    expect(document).toContain(`up to ${fits} fit`);
  });

  test('shows the key file as it is written', () => {
    const [comment, line] = renderKeyFile([generateKey(7)]).split('\n');
    expect(document).toContain(`    ${comment}\n    KEYID HEX64\n`);
    expect(line).toMatch(/^7 [0-9a-f]{64}$/);
  });
});

test('the fields of the header follow each other without a gap', () => {
  let offset = 0;
  for (const field of layout.headerFields) {
    expect(layout.at[field.name], field.name).toBe(offset);
    offset += field.bytes;
  }
  expect(offset).toBe(layout.headerBytes);
  expect(layout.headerFields).toHaveLength(Object.keys(layout.at).length);
});
