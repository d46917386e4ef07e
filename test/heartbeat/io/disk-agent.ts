/** A daemon with one disk: prints the process id of its servant once that works. */

import {DiskSide, diskOf, names} from './disk-rig.ts';
import {until} from './until.ts';

const side = new DiskSide(diskOf(process.argv[2]!), names[0]);
await until('the disk is read', () => side.last('read') === 'ok');
process.stdout.write(`${side.client.pid}\n`);
