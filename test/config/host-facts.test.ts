/** The check of secret.key must promise neither more nor less than the daemon accepts. */

import {describe, expect, it} from 'vitest';
import {isKeyText} from '../../src/config/host-facts.ts';
import {generateKey, parseKeyFile, renderKeyFile} from '../../src/heartbeat/io/key-file.ts';

const one = generateKey(1);
const two = generateKey(2);
const file = renderKeyFile([one]);
const line = file.split('\n')[1]!;

describe('the text of a key file', () => {
  it.each([
    ['one key', file, true],
    ['two keys', renderKeyFile([one, two]), true],
    ['comments and empty lines', `\n# old\n${line}\n\n`, true],
    ['no key', '# nothing\n', false],
    ['nothing', '', false],
    ['three keys', renderKeyFile([one, two, generateKey(3)]), false],
    ['one number twice', renderKeyFile([one, {...two, id: 1}]), false],
    ['the number 0', line.replace(/^1/, '0'), false],
    ['a number too large', line.replace(/^1/, '65536'), false],
    ['no number', line.slice(2), false],
    ['a digit short', line.slice(0, -1), false],
    ['a digit too much', `${line}0`, false],
    ['a tab', line.replace(' ', '\t'), false],
    ['ends of lines of another system', `${line}\r\n`, false],
    ['a sentence', 'a long sentence that has nothing of a key in it but its length, surely', false],
  ])('%s', (_title, text, accepted) => {
    expect(isKeyText(text)).toBe(accepted);
    expect(parseKeyFile(text, 'secret.key').ok).toBe(accepted);
  });
});
