/**
 * Keys of OpenSVC's service files that we know and do not act on. None is ignored in silence:
 * descriptive ones change nothing anywhere, unused ones get a note, and what would make the
 * service run in another way than its file says is refused.
 */

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

/** Unused in the section of a resource only: in `[DEFAULT]` they have a meaning of ours. */
const unusedInResource = ['monitor', 'restart', 'restarts', 'tags'];

const fates = new Map<string, KeyFate>([
  ...cosmetic.map((key) => [key, 'cosmetic'] as const),
  ...unused.map((key) => [key, 'unused'] as const),
  ...refused.map((key) => [key, 'refused'] as const),
]);

const refusedPattern = /^(?:blocking_)?(?:pre|post)_|_(?:requires|depends)$|^limit_|^pg_/;
/** Tags that change what happens to a resource; all others are free words. */
const refusedTags = ['encap', 'noaction', 'nostatus', 'zone'];

export function defaultKeyFate(key: string): KeyFate {
  return fates.get(key) ?? (refusedPattern.test(key) ? 'refused' : null);
}

/** Keys of every resource, also those that are not acted on: none is a parameter of an agent. */
const everywhere = [
  ...cosmetic,
  ...unusedInResource,
  'always_on',
  'encap',
  'provision',
  'restart_delay',
  'schedule',
  'shared',
  'standby',
  'subset',
  'unprovision',
];

export function isResourceKey(key: string): boolean {
  return everywhere.includes(key) || refusedPattern.test(key);
}

export function resourceKeyFate(key: string, raw: string): KeyFate {
  if (key === 'tags' && raw.split(/[\s,]+/).some((tag) => refusedTags.includes(tag))) {
    return 'refused';
  }
  return unusedInResource.includes(key) ? 'unused' : defaultKeyFate(key);
}
