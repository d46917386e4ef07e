/**
 * The table of the inequalities I1-I16 of docs/safety.md: what each protects, its formula, its rows
 * over a configuration, and why there are none. `ha check` refuses by it and prints it. A rule that
 * cannot be computed yet has no rows, and says what it waits for.
 */

import {ruleIds} from './inequalities.ts';
import type {Inequality, RuleId, TimedConfig} from './inequalities.ts';
import {
  arbiterRows,
  deadRows,
  diskDeadRows,
  fenceRows,
  graceRows,
  leaseRows,
  promiseRows,
  stopRows,
  waitRows,
  watchdogRows,
  type Row,
} from './rule-rows.ts';

/** One line of the table. */
export interface SafetyRule {
  /** In the notation of docs/safety.md. */
  readonly formula: string;
  /** What it protects, as a sentence without its stop. */
  readonly protects: string;
  /** `must`: a configuration that breaks it is refused. */
  readonly duty: 'must' | 'should';
  /** Empty: nothing in this configuration that it could be about. */
  readonly rows: (config: TimedConfig) => readonly Row[];
  /** Why there are no rows, for the reader of the table. */
  readonly absent: (config: TimedConfig) => string;
}

/** Where something is not configured, or not known to this version. */
const none = (): readonly Row[] => [];
const because = (why: string) => (): string => why;
const noDisk = because('no shared disk is configured');
const noLink = because('no link over the network is configured');
const fenced =
  (why: string) =>
  ({fences}: TimedConfig): string =>
    fences.length === 0 ? 'no fencing is configured' : why;

export const safetyRules: Readonly<Record<RuleId, SafetyRule>> = {
  I1: {
    formula: 'dead >= 3h + d + S',
    protects: 'three lost beats and a stall are not taken for a death',
    duty: 'must',
    rows: deadRows,
    absent: noLink,
  },
  I2: {
    formula: 'dead >= 3R + 2D',
    protects: 'two slow writes and a late look are not taken for a silent disk',
    duty: 'must',
    rows: diskDeadRows,
    absent: noDisk,
  },
  I3: {
    formula: 'L >= R + 6D',
    protects: 'a lease survives three renewals that fail at full length',
    duty: 'must',
    rows: leaseRows,
    absent: noDisk,
  },
  I4: {
    formula: 'L - T_stop >= R + 2D',
    protects: 'a stop ends within the lease, and one slow write does not begin it',
    duty: 'should',
    rows: stopRows,
    absent: ({disks, arbiter}) =>
      disks.length === 0 && arbiter === null
        ? 'no shared disk or arbiter is configured'
        : 'no service runs by a lease',
  },
  I5: {
    formula: 'W (1 - r) >= (L + 2T) (1 + r) + 1s',
    protects: 'a contender waits until the owner has stopped, or was reset (T = 0: no watchdog)',
    duty: 'must',
    rows: waitRows,
    absent: noDisk,
  },
  I6: {
    formula: 'T - T/3 >= S',
    protects: 'a late feed and a stall do not reset a healthy node',
    duty: 'must',
    rows: watchdogRows,
    absent: because('no watchdog is configured'),
  },
  I7: {
    formula: 'G >= 2h + d + S',
    protects: 'each node that is ready is heard twice before another one starts',
    duty: 'must',
    rows: graceRows,
    absent: because(''),
  },
  I8: {
    formula: 'T_skew + T_arb + T_stop <= G + T_arb',
    protects: 'whom an arbiter turns down has stopped before the other one starts',
    duty: 'must',
    rows: none,
    absent: because('no node starts before the lease of the other one is over'),
  },
  I9: {
    formula: 'T_fence >= sum of delay + timeout x tries',
    protects: 'a takeover waits for every level of fencing',
    duty: 'must',
    rows: none,
    absent: fenced('a takeover waits for the last try, however many there are'),
  },
  I10: {
    formula: 'boot + W before the first action',
    protects: 'a fenced node that boots fast does not come before its fencing is known',
    duty: 'must',
    rows: none,
    absent: fenced('a node that boots fences nobody whom it has not heard'),
  },
  I11: {
    formula: 'fence delay >= T_skew + T_fence',
    protects: 'two nodes do not fence each other',
    duty: 'should',
    rows: fenceRows,
    absent: fenced(''),
  },
  I12: {
    formula: 'TTL >= R + 2 x timeout',
    protects: 'a lease in etcd survives two slow answers',
    duty: 'must',
    rows: arbiterRows,
    absent: because('no etcd is configured'),
  },
  I13: {
    formula: 'dead >= 3h + 2d + S',
    protects: 'a promise between living nodes is renewed before it ends',
    duty: 'must',
    rows: promiseRows,
    absent: noLink,
  },
  I14: {
    formula: 'W - L - 2T >= T_cmd',
    protects: 'writes that the storage still holds when the owner is reset have ended',
    duty: 'should',
    rows: none,
    absent: ({disks, watchdogs}) =>
      disks.length > 0 && watchdogs.size > 0
        ? 'how long the storage holds writes of a reset node is not known'
        : 'no proof at hand is enough for class data',
  },
  I15: {
    formula: 'window >= 2 x skew',
    protects: 'a corrected clock does not make a living node look silent',
    duty: 'must',
    rows: none,
    absent: because('beats are ordered by life and number: no wall clock is compared'),
  },
  I16: {
    formula: 'D > T_path',
    protects: 'a path failover of the storage is not taken for a failed disk',
    duty: 'should',
    rows: none,
    absent: because('the time of a path failover is not known'),
  },
};

/** Every inequality that applies, in the order of their numbers. */
export function inequalities(config: TimedConfig): readonly Inequality[] {
  return ruleIds.flatMap((id) => {
    const {formula, duty, rows} = safetyRules[id];
    return rows(config).map((row): Inequality => {
      const slackMs = Math.round((row.leftMs - row.rightMs) * 1_000) / 1_000;
      const holds = slackMs >= 0;
      const status = holds ? 'OK' : duty === 'must' ? 'REFUSED' : 'WARN';
      return {id, formula, ...row, slackMs, holds, status};
    });
  });
}

/** Rules that have nothing to apply to, and why. */
export interface AbsentRule {
  readonly id: RuleId;
  readonly why: string;
}

export function absentRules(config: TimedConfig): readonly AbsentRule[] {
  return ruleIds
    .filter((id) => safetyRules[id].rows(config).length === 0)
    .map((id) => ({id, why: safetyRules[id].absent(config)}));
}
