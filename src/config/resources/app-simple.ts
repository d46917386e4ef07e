/** `[app#N]` with `type = simple`: a program that stays in the foreground and is kept as it is. */

import type {KeyTable} from '../key-spec.ts';
import {readCommands, readRetcodes, type AppResource} from './app.ts';
import type {ResourceBase} from './base.ts';
import {defineKind} from './kind.ts';
import {readRunAs, runAsKeys, runAsPrograms, type RunAs} from './run-as.ts';

export interface SimpleAppResource extends ResourceBase {
  readonly type: 'app.simple';
  /** Argument vector of the program. */
  readonly start: readonly string[];
  /** What ends it; null: a signal. */
  readonly stop: readonly string[] | null;
  /** Asked beside its processes; null: they alone count. */
  readonly check: readonly string[] | null;
  readonly retcodes: AppResource['retcodes'];
  /** Who gets the signal: the first of its processes, or all of them. */
  readonly kill: 'parent' | 'tree';
  readonly runAs: RunAs;
}

const simpleKeys = {
  type: {type: 'choice', choices: ['simple'], fallback: '-'},
  script: {type: 'file', fallback: '-', scoped: true},
  start: {type: 'verb', fallback: '-', scoped: true},
  stop: {type: 'verb', fallback: 'a signal', scoped: true},
  check: {type: 'verb', fallback: 'its processes', scoped: true},
  retcodes: {type: 'text', fallback: '`0:up 1:down 3:down`', scoped: true},
  kill: {type: 'choice', choices: ['parent', 'tree'], fallback: '`parent`', scoped: true},
  ...runAsKeys,
} as const satisfies KeyTable;

export const simpleAppKind = defineKind<SimpleAppResource, typeof simpleKeys>({
  type: 'app.simple',
  sections: [{section: 'app', types: ['simple']}],
  holdsData: false,
  keys: simpleKeys,
  read(values, base, options) {
    const commands = readCommands(values, options);
    const runAs = readRunAs(values, options.report);
    const retcodes = readRetcodes(values, options.report);
    if (commands === null || runAs === null || retcodes === undefined) return null;
    const {start, stop, check, startOrder, stopOrder} = commands;
    if (start === null) {
      const isRefused = values.has('start') && values.get('start') === null;
      const message = `[${values.name}] expected start = /path/program, found none`;
      if (!isRefused) options.report('HA_CONF_NO_START', values.place, message);
      return null;
    }
    const kill = values.get('kill') ?? 'parent';
    const own = {start, stop, check, retcodes, kill, runAs};
    return {resource: {...base, type: 'app.simple', ...own}, startOrder, stopOrder};
  },
  needs: ({start, stop, check, runAs}) => ({
    scripts: [start, stop, check]
      .flatMap((words) => words?.slice(0, 1) ?? [])
      .filter((path) => path.startsWith('/')),
    programs: runAsPrograms(runAs),
  }),
});
