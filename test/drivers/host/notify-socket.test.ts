import {spawn, spawnSync} from 'node:child_process';
import {existsSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {openNotify, socketAddress} from '../../../src/drivers/host/notify-socket.ts';

const receiver = `
import os, socket, sys
one = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
one.bind(sys.argv[1])
while True:
    print(one.recv(4096).decode().replace(chr(10), '|'), flush=True)
`;
import {eventually} from '../../eventually.ts';
const hasPython = spawnSync('python3', ['--version']).status === 0;

test.runIf(hasPython && process.platform === 'linux')(
  'what is notified arrives at the socket of the service manager',
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ha-notify-'));
    const path = join(directory, 'notify');
    const child = spawn('python3', ['-c', receiver, path]);
    let heard = '';
    child.stdout.on('data', (bytes) => {
      heard += String(bytes);
    });
    try {
      await eventually(() => expect(existsSync(path)).toBe(true));
      const notify = await openNotify(path);
      notify('READY=1\nSTATUS=2 services');
      notify('WATCHDOG=1');
      await eventually(() => expect(heard).toBe('READY=1|STATUS=2 services\nWATCHDOG=1\n'));
    } finally {
      child.kill('SIGKILL');
      rmSync(directory, {recursive: true, force: true});
    }
  },
);

test.runIf(process.platform === 'linux')('nobody at the other end is no fault', async () => {
  const notify = await openNotify('/nonexistent/notify');
  expect(() => notify('READY=1')).not.toThrow();
});

test.each([
  ['a path', '/run/n', '01002f72756e2f6e00'],
  ['an abstract name', '@n', '0100006e'],
])('the address of %s is that of unix(7)', (_name, path, hex) => {
  expect(socketAddress(path).toString('hex')).toBe(hex);
});
