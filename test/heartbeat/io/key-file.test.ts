import {chmodSync, chownSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {execFileSync} from 'node:child_process';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, test} from 'vitest';
import {
  generateKey,
  keyErrors,
  parseKeyFile,
  readKeyFile,
  renderKeyFile,
} from '../../../src/heartbeat/io/key-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'ha-key-'));
afterAll(() => rmSync(directory, {recursive: true}));

const hex = Buffer.from(generateKey(1).secret).toString('hex');
let files = 0;

function fileOf(content: string, mode = 0o600): string {
  files += 1;
  const path = join(directory, `secret${files}.key`);
  writeFileSync(path, content, {mode});
  chmodSync(path, mode);
  return path;
}

/** `CODE: message`, with DIR for the directory. */
async function refusal(path: string): Promise<string> {
  const read = await readKeyFile(path);
  if (read.ok) return 'accepted';
  expect(read.error.hint).toBe(keyErrors[read.error.code as keyof typeof keyErrors]);
  return `${read.error.code}: ${read.error.message}`.replaceAll(directory, 'DIR');
}

describe('secret.key', () => {
  test('comes back as it was written, the signing key first', async () => {
    const keys = [generateKey(2), generateKey(1)];
    const read = await readKeyFile(fileOf(renderKeyFile(keys)));
    expect(read).toEqual({ok: true, value: keys});
  });

  test('holds keys of 256 bits, a new one each time', () => {
    const [one, two] = [generateKey(1), generateKey(1)];
    expect(one.secret).toHaveLength(32);
    expect(one.secret).not.toEqual(two.secret);
  });

  test.each<[string, string, string]>([
    ['empty', '', 'HA_KEY_FORMAT: secret.key: expected a key, found none'],
    ['only a comment', '# none\n', 'HA_KEY_FORMAT: secret.key: expected a key, found none'],
    [
      'Windows line ends',
      `1 ${hex}\r\n`,
      'HA_KEY_FORMAT: secret.key: expected Unix line ends, found carriage returns',
    ],
    [
      'bare digits',
      `# key\n${hex}\n`,
      'HA_KEY_FORMAT: secret.key:2: expected a key id (1 to 65535), a blank, 64 hexadecimal digits',
    ],
    [
      'key id 0',
      `0 ${hex}\n`,
      'HA_KEY_FORMAT: secret.key:1: expected a key id (1 to 65535), a blank, 64 hexadecimal digits',
    ],
    [
      'key id 65,536',
      `65536 ${hex}\n`,
      'HA_KEY_FORMAT: secret.key:1: expected a key id (1 to 65535), a blank, 64 hexadecimal digits',
    ],
    [
      'a short key',
      `1 ${hex.slice(2)}\n`,
      'HA_KEY_FORMAT: secret.key:1: expected 64 hexadecimal digits, found 62',
    ],
    [
      'a long key',
      `1 ${hex}00\n`,
      'HA_KEY_FORMAT: secret.key:1: expected 64 hexadecimal digits, found 66',
    ],
    [
      'zeros',
      `1 ${'00'.repeat(32)}\n`,
      'HA_KEY_WEAK: secret.key:1: expected a random key, found a pattern',
    ],
    [
      'a row of digits',
      `1 ${'0123456789abcdef'.repeat(4)}\n`,
      'HA_KEY_WEAK: secret.key:1: expected a random key, found a pattern',
    ],
    [
      'the same id twice',
      `1 ${hex}\n1 ${hex}\n`,
      'HA_KEY_FORMAT: secret.key: expected two different key ids, found 1 twice',
    ],
    [
      'three keys',
      `1 ${hex}\n2 ${hex}\n3 ${hex}\n`,
      'HA_KEY_FORMAT: secret.key: expected at most 2 keys, found 3',
    ],
  ])('is refused with %s', (_, content, message) => {
    const parsed = parseKeyFile(content, 'secret.key');
    expect(parsed.ok ? '' : `${parsed.error.code}: ${parsed.error.message}`).toBe(message);
  });

  test('is refused where others can read it, or where it is no plain file', async () => {
    const good = `1 ${hex}\n`;
    const link = join(directory, 'secret.key');
    symlinkSync(fileOf(good), link);
    const pipe = join(directory, 'x');
    execFileSync('mkfifo', ['-m', '600', pipe]);
    expect({
      missing: await refusal(join(directory, 'secret99.key')),
      group: await refusal(fileOf(good, 0o640)),
      world: await refusal(fileOf(good, 0o604)),
      link: await refusal(link),
      pipe: await refusal(pipe),
      directory: await refusal(directory),
      large: await refusal(fileOf(good.repeat(100))),
    }).toMatchInlineSnapshot(`
      {
        "directory": "HA_KEY_KIND: DIR: expected a regular file, found something else",
        "group": "HA_KEY_MODE: DIR/secret3.key: expected mode 0600, found 0640",
        "large": "HA_KEY_FORMAT: DIR/secret5.key: expected at most 4096 bytes, found 6700",
        "link": "HA_KEY_KIND: DIR/secret.key: expected a regular file, found a symbolic link",
        "missing": "HA_KEY_MISSING: DIR/secret99.key: expected the cluster key, found no such file",
        "pipe": "HA_KEY_KIND: DIR/x: expected a regular file, found something else",
        "world": "HA_KEY_MODE: DIR/secret4.key: expected mode 0600, found 0604",
      }
    `);
  });

  test.runIf(process.getuid?.() === 0)('is refused where another user owns it', async () => {
    const path = fileOf(`1 ${hex}\n`);
    chownSync(path, 12_345, 0);
    expect(await refusal(path)).toMatch(/HA_KEY_OWNER: \S+: expected uid 0 as owner, found 12345/);
  });
});
