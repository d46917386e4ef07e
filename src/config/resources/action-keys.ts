/**
 * Keys about actions that every resource of OpenSVC takes: commands around an action, and
 * conditions for one. All of them are known and their values checked; those of actions that exist
 * here and that nothing carries out are refused, the others get a note.
 */

import type {KeySpec} from '../key-spec.ts';

/** Actions with commands around them: those of 1.x and 2.x. */
export const triggerActions = [
  'provision',
  'unprovision',
  'start',
  'startstandby',
  'stop',
  'run',
  'sync_nodes',
  'sync_drp',
  'sync_resync',
  'sync_update',
  'sync_restore',
] as const;

/** Actions with conditions; `sync` is that of 3. */
export const conditionActions = [
  'provision',
  'unprovision',
  'start',
  'stop',
  'run',
  'sync',
  'sync_nodes',
  'sync_drp',
  'sync_update',
  'sync_break',
  'sync_resync',
] as const;

export const moments = ['pre', 'post', 'blocking_pre', 'blocking_post'] as const;

type TriggerName = `${(typeof moments)[number]}_${(typeof triggerActions)[number]}`;
type ConditionName = `${(typeof conditionActions)[number]}_requires`;
type CommandSpec = KeySpec & {readonly type: 'command'};
type RequiresSpec = KeySpec & {readonly type: 'requires'};

/** Start and stop are what this version does; of the other actions there are none. */
const carriedOut: readonly string[] = ['start', 'stop'];
const fateOf = (action: string): 'unused' | 'refused' =>
  carriedOut.includes(action) ? 'refused' : 'unused';

export const triggerKeys = Object.fromEntries(
  triggerActions.flatMap((action) => {
    const plain = {type: 'command', fallback: '-', scoped: true, ownOnly: true} as const;
    const spec: CommandSpec = carriedOut.includes(action) ? plain : {...plain, fate: 'unused'};
    return moments.map((moment): [string, CommandSpec] => [`${moment}_${action}`, spec]);
  }),
) as Readonly<Record<TriggerName, CommandSpec>>;

const conditions = Object.fromEntries(
  conditionActions.map((action): [string, RequiresSpec] => [
    `${action}_requires`,
    {type: 'requires', fallback: '-', scoped: true, ownOnly: true, fate: fateOf(action)},
  ]),
) as Readonly<Record<ConditionName, RequiresSpec>>;

export const conditionKeys = {
  ...conditions,
  // A stop is never made to wait: it may be what safety asks for.
  start_requires: {type: 'requires', fallback: '-', scoped: true, ownOnly: true},
} as const satisfies Readonly<Record<string, RequiresSpec>>;
