/**
 * The driver of reservations on a disk of the kernel, with the real sg_persist. A line of the
 * console is an order, a line that begins with `vm: ` its outcome.
 */

import {createInterface} from 'node:readline';
import type {ScsiReservation} from '../../../src/config/resources/scsi-reservation.ts';
import {createScsiReservationDriver} from '../../../src/drivers/scsi-reservation.ts';
import {run} from '../../../src/drivers/host/run.ts';
import {nodeName} from '../../../src/kernel/ids.ts';
import {contextFor, reservationResource} from '../../drivers/scripts.ts';

const [name = '', device = ''] = process.argv.slice(2);
const deadlineMs = 60_000;
const resource: ScsiReservation = reservationResource({devices: [device]});
const driver = createScsiReservationDriver({node: nodeName(name)});

async function obey(verb: string, epoch: number): Promise<unknown> {
  const context = contextFor(resource, {epoch, deadlineMs});
  switch (verb) {
    case 'start':
      return driver.start(resource, context);
    case 'stop':
      return driver.stop(resource, context);
    case 'probe':
      return driver.probe(resource, {...context, epoch: 0});
    default: {
      const block = ['bs=4096', 'count=1', 'oflag=direct', 'status=none'];
      const argv = ['dd', 'if=/dev/zero', `of=${device}`, ...block];
      const {code, stderr} = await run({argv, deadlineMs});
      return {code, stderr};
    }
  }
}

console.log('vm: ready');
for await (const line of createInterface({input: process.stdin})) {
  const [verb = '', epoch = '0'] = line.trim().split(' ');
  if (verb === 'end') break;
  if (verb !== '') console.log(`vm: ${JSON.stringify(await obey(verb, Number(epoch)))}`);
}
process.exit(0);
