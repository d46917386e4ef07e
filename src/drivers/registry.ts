/** Which driver acts on which type of resource. A type without a driver does not compile. */

import type {ResourceOf} from '../config/resources/table.ts';
import type {ResourceConfig} from '../config/types.ts';
import type {Driver} from '../failover/types.ts';
import {createAppDriver} from './app.ts';
import {createSimpleAppDriver} from './app-simple.ts';
import type {DriverHost} from './call.ts';
import {createLoopDriver} from './disk/loop.ts';
import {createVgDriver} from './disk/vg.ts';
import {createFsDriver} from './fs/fs.ts';
import {createIpDriver} from './ip/ip.ts';
import {createOcfDriver} from './ocf.ts';
import {createRcDriver} from './rc.ts';
import {createScriptDriver} from './script.ts';
import {createScsiReservationDriver} from './scsi-reservation.ts';
import {createSystemdDriver} from './systemd.ts';
import {createTaskDriver, type TaskDriver} from './task.ts';
import {withTriggers} from './triggers.ts';

export interface DriverRegistry {
  readonly driverFor: (resource: ResourceConfig) => Driver;
  /** The one driver that also runs something beside start and stop. */
  readonly tasks: TaskDriver;
}

/** The drivers of one node. */
export function createRegistry(host: DriverHost): DriverRegistry {
  const task = createTaskDriver(host);
  const drivers: {readonly [Type in ResourceConfig['type']]: Driver<ResourceOf<Type>>} = {
    'script': createScriptDriver(host),
    'ip': createIpDriver(host),
    'disk.scsireserv': createScsiReservationDriver(host),
    'disk.loop': createLoopDriver(host),
    'disk.vg': createVgDriver(host),
    'fs': createFsDriver(host),
    'app': createAppDriver(host),
    'app.simple': createSimpleAppDriver(host),
    'app.ocf': createOcfDriver(host),
    'app.systemd': createSystemdDriver(host),
    'app.rc': createRcDriver(host),
    'task': task,
  };
  // Each is only handed the resource that its own key stands for.
  const driverFor = (resource: ResourceConfig): Driver =>
    withTriggers(host, drivers[resource.type], resource);
  return {driverFor, tasks: task};
}
