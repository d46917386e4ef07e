/** The devices of the device-mapper, from /sys: no program, and no disk is touched. */

import {readdir, readFile} from 'node:fs/promises';
import {sharedLook} from '../shared-look.ts';
import type {MappedDevice} from './volume-group.ts';

/** A list, or a sentence why there is none. */
export const readMappedDevices = sharedLook(async (): Promise<readonly MappedDevice[] | string> => {
  try {
    const names = (await readdir('/sys/block')).filter((name) => /^dm-\d+$/.test(name));
    const devices: MappedDevice[] = [];
    for (const entry of names) {
      const [name, uuid] = await Promise.all(
        ['name', 'uuid'].map((part) => lineOf(`/sys/block/${entry}/dm/${part}`)),
      );
      if (name !== undefined && name !== '') devices.push({name, uuid: uuid ?? ''});
    }
    return devices;
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    return `the list of block devices can not be read: ${code ?? String(error)}`;
  }
});

/** Empty where the device has gone meanwhile. */
async function lineOf(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    return '';
  }
}
