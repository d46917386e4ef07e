/** Watchdogs of the kernel, which reset a machine: so they are asked on one that may be reset. */

import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {prepareImage, type Image} from './harness/image.ts';
import {Machine} from './harness/machine.ts';

const guest = fileURLToPath(new URL('guest/watchdog.ts', import.meta.url));
const drivers = {
  softdog: {identity: 'Software Watchdog', devices: []},
  i6300esb: {
    identity: 'i6300ESB timer',
    devices: ['-device', 'i6300esb', '-action', 'watchdog=reset'],
  },
} as const;

let image: Image;
let folder: string;

beforeAll(async () => {
  image = await prepareImage();
  folder = await mkdtemp(join(tmpdir(), 'ha-vm-'));
});
afterAll(() => rm(folder, {recursive: true, force: true}));

function boot(driver: keyof typeof drivers, mode: 'feed' | 'starve'): Promise<Machine> {
  const {devices} = drivers[driver];
  const script = [`modprobe ${driver}`, `${process.execPath} ${guest} ${mode}`];
  return Machine.boot(image, {name: `${driver}-${mode}`, folder, script, devices});
}

describe.each(Object.keys(drivers) as (keyof typeof drivers)[])('%s', (driver) => {
  test('lets a machine live that feeds it, and that has disarmed it', async () => {
    const machine = await boot(driver, 'feed');
    try {
      const armed = await machine.untilLine(/"state":"armed"/);
      expect(armed).toContain('"timeoutMs":6000');
      expect(armed).toContain(drivers[driver].identity);
      await machine.untilLine(/^vm: fed \d+ times/);
      await machine.untilLine(/"state":"released"/);
      await machine.untilLine(/^vm: alive/);
      await machine.untilOver();
      expect(machine.events).not.toContain('WATCHDOG');
    } finally {
      await machine.kill();
    }
  });

  test('resets a machine that feeds it no more', async () => {
    const machine = await boot(driver, 'starve');
    try {
      await machine.untilLine(/^vm: starving/);
      await machine.untilOver();
      expect(machine.lines).not.toContain('vm: alive');
      if (driver === 'softdog') await machine.untilLine(/softdog: Initiating system reboot/);
      else expect(machine.events).toContain('WATCHDOG');
    } finally {
      await machine.kill();
    }
  });
});
