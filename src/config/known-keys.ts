/**
 * Keys of OpenSVC's service files that we know and do not act on. None is ignored in silence:
 * descriptive ones change nothing anywhere, unused ones get a note, and what would make the
 * service run in another way than its file says is refused.
 */

import {sharedKeys} from './resources/common-keys.ts';

/** `cosmetic`: nothing to say; `unused`: a note; `refused`: an error; null: not known. */
export type KeyFate = 'cosmetic' | 'unused' | 'refused' | null;

const cosmetic = ['app', 'comment', 'env', 'id', 'service_type', 'show_disabled'];

const unused = [
  'alias',
  'autostart_node',
  'bwlimit',
  'comp_schedule',
  'create_pg',
  'expose',
  'gateway',
  'host_mode',
  'info',
  'info_timeout',
  'lock_timeout',
  'mkfs_opt',
  'mode',
  'no_preempt_abort',
  'placement',
  'presnap_trigger',
  'postsnap_trigger',
  'priority',
  'prkey',
  'provision',
  'provision_timeout',
  'push_schedule',
  'resinfo_schedule',
  'restart_delay',
  'rollback',
  'run_schedule',
  'schedule',
  'shared',
  'size',
  'snap_size',
  'soft_affinity',
  'soft_anti_affinity',
  'stat_timeout',
  'status_log',
  'status_schedule',
  'status_timeout',
  'sync_max_delay',
  'sync_schedule',
  'sync_timeout',
  'unprovision',
  'unprovision_timeout',
  'vg',
  'wait_dns',
];

const refused = [
  'always_on',
  'children',
  'configs_environment',
  'constraints',
  'cwd',
  'encap',
  'environment',
  'flex_max',
  'flex_min',
  'flex_target',
  'group',
  'hard_affinity',
  'hard_anti_affinity',
  'kill',
  'parents',
  'perm',
  'promote_rw',
  'retcodes',
  'scale',
  'scsireserv',
  'secrets_environment',
  'slaves',
  'standby',
  'stonith',
  'subset',
  'umask',
  'user',
];

const fates = new Map<string, KeyFate>([
  ...cosmetic.map((key) => [key, 'cosmetic'] as const),
  ...unused.map((key) => [key, 'unused'] as const),
  ...refused.map((key) => [key, 'refused'] as const),
]);

const refusedPattern = /^(?:blocking_)?(?:pre|post)_(?:start|stop)$|_requires$|^limit_|^pg_/;
/** Commands around actions that this version does not have. */
const unusedPattern = /^(?:blocking_)?(?:pre|post)_(?:(?:un)?provision|startstandby|run|sync_\w+)$/;
export function defaultKeyFate(key: string): KeyFate {
  const known = fates.get(key);
  if (known !== undefined) return known;
  if (unusedPattern.test(key)) return 'unused';
  return refusedPattern.test(key) ? 'refused' : null;
}

/** A key of every resource, also where it is not acted on: none is a parameter of an agent. */
export function isResourceKey(key: string): boolean {
  const isCommon = Object.hasOwn(sharedKeys, key);
  return isCommon || cosmetic.includes(key) || key === 'restarts' || refusedPattern.test(key);
}

/** In the section of a resource; most of what is common to all is known by its table of keys. */
export function resourceKeyFate(key: string): KeyFate {
  return key === 'restarts' ? 'unused' : defaultKeyFate(key);
}
