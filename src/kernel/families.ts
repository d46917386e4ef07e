/**
 * The families of resources in the order of their start; a stop is the exact reverse. This is the
 * one place of that order: the addresses come first, because an address that answers elsewhere
 * says that the service runs there before anything of it was touched, and what serves the clients
 * comes last. `script` is OpenHA's, which has no other resource.
 */

export const resourceFamilies = [
  'script',
  'ip',
  'volume',
  'disk',
  'fs',
  'share',
  'container',
  'app',
  'task',
] as const;
export type ResourceFamily = (typeof resourceFamilies)[number];

/** `FAMILY` or `FAMILY.KIND`: what a driver is found by. */
export type ResourceTypeName = ResourceFamily | `${ResourceFamily}.${string}`;

export function familyOf(type: ResourceTypeName): ResourceFamily {
  return type.split('.')[0] as ResourceFamily;
}

/** Place in the order of start, from 0. */
export function familyRank(type: ResourceTypeName): number {
  return resourceFamilies.indexOf(familyOf(type));
}

/**
 * A task is neither up nor down: it is not started, not asked and counts for nothing in the state
 * of its service; a stop of the service ends what of it runs.
 */
export function isTask(type: ResourceTypeName): boolean {
  return familyOf(type) === 'task';
}
