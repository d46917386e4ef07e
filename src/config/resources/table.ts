/**
 * All kinds of resources: a row here and one in `drivers/registry.ts`, which does not compile
 * without its driver. The order in which they start is that of their families (kernel/families.ts).
 */

import type {ConfigFiles} from '../types.ts';
import {appKind} from './app.ts';
import {simpleAppKind} from './app-simple.ts';
import {loopKind} from './disk-loop.ts';
import {vgKind} from './disk-vg.ts';
import {fsKind} from './fs.ts';
import {ipKind} from './ip.ts';
import type {HostNeeds, ResourceKind} from './kind.ts';
import {ocfKind} from './ocf.ts';
import {rcKind} from './rc.ts';
import {scriptKind} from './script.ts';
import {scsiReservationKind} from './scsi-reservation.ts';
import {systemdKind} from './systemd.ts';
import {taskKind} from './task.ts';

export const resourceKinds = {
  'script': scriptKind,
  'ip': ipKind,
  'disk.scsireserv': scsiReservationKind,
  'disk.loop': loopKind,
  'disk.vg': vgKind,
  'fs': fsKind,
  'app.simple': simpleAppKind,
  'app': appKind,
  'app.ocf': ocfKind,
  'app.systemd': systemdKind,
  'app.rc': rcKind,
  'task': taskKind,
} as const;

type Kinds = typeof resourceKinds;

/** Any resource; `type` tells which. */
export type ResourceConfig = {
  [Type in keyof Kinds]: Kinds[Type] extends ResourceKind<infer Config> ? Config : never;
}[keyof Kinds];

/** The resource that a type stands for. */
export type ResourceOf<Type extends ResourceConfig['type']> = Extract<
  ResourceConfig,
  {readonly type: Type}
>;

export const kindList = Object.values(resourceKinds) as readonly ResourceKind[];

export function kindOf(resource: ResourceConfig): ResourceKind<ResourceConfig> {
  return resourceKinds[resource.type];
}

/** What must be there for a resource to be acted on; nothing for one that never is. */
export function needsOf(resource: ResourceConfig, files: ConfigFiles): Required<HostNeeds> {
  const none = {scripts: [], programs: [], agents: [], units: []};
  if (resource.disabled) return none;
  const needs = {...none, ...kindOf(resource).needs(resource, files)};
  const own = resource.triggers
    .flatMap(({command}) => command.slice(0, 1))
    .filter((path) => path.startsWith('/'));
  return {...needs, scripts: [...needs.scripts, ...own]};
}
