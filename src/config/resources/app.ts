/** `[app#N]`: a launcher with verbs, or a folder of S/K/C launchers. */

import {resourceId} from '../../kernel/ids.ts';
import type {KeyTable, Verb} from '../key-spec.ts';
import type {ConfigFiles} from '../types.ts';
import {quote, type Report} from '../findings.ts';
import {baseDefaults, type ResourceBase} from './base.ts';
import type {commonKeys} from './common-keys.ts';
import {asDaemon, readRunAs, runAsKeys, runAsPrograms, type RunAs} from './run-as.ts';
import {defineKind, type ReadOptions, type ResourceDraft} from './kind.ts';
import type {Values} from './values.ts';

export interface AppResource extends ResourceBase {
  readonly type: 'app';
  /** Argument vectors; null: that verb does nothing (start, stop) or can not be asked (check). */
  readonly start: readonly string[] | null;
  readonly stop: readonly string[] | null;
  readonly check: readonly string[] | null;
  /** `SERVICE.d` folder with S/K/C launchers, or null where start, stop and check are given. */
  readonly launchers: string | null;
  readonly runAs: RunAs;
  /** What the codes of its check say; null: those of the Linux Standard Base. */
  readonly retcodes: ReadonlyMap<number, 'up' | 'down' | 'unknown'> | null;
}

/** What the launchers of a folder have. */
export const launcherDefaults = {
  start: null,
  stop: null,
  check: null,
  runAs: asDaemon,
  retcodes: null,
} as const;

type AppDraft = ResourceDraft<AppResource>;
type AppValues = Values<typeof appKeys & typeof commonKeys>;

export const appKeys = {
  type: {type: 'choice', choices: ['forking'], fallback: '`forking`'},
  script: {type: 'file', fallback: 'the launchers of SERVICE.d', scoped: true},
  start: {type: 'verb', fallback: 'no', scoped: true},
  stop: {type: 'verb', fallback: 'no', scoped: true},
  check: {type: 'verb', fallback: 'no', scoped: true},
  retcodes: {type: 'text', fallback: '`0:up 1:down 3:down`', scoped: true},
  ...runAsKeys,
} as const satisfies KeyTable;

export const appKind = defineKind<AppResource, typeof appKeys>({
  type: 'app',
  sections: [{section: 'app', types: ['', 'forking']}],
  holdsData: false,
  keys: appKeys,
  read: appDraft,
  needs: (resource, files) => ({
    scripts: scriptsOf(resource, files),
    programs: runAsPrograms(resource.runAs),
  }),
});

function appDraft(values: AppValues, base: ResourceBase, options: ReadOptions): AppDraft | null {
  const written = (['script', 'start', 'stop', 'check'] as const).some((key) => values.has(key));
  if (!written) return launcherDraft(values, base, options);
  const commands = readCommands(values, options);
  const runAs = readRunAs(values, options.report);
  const retcodes = readRetcodes(values, options.report);
  if (commands === null || runAs === null || retcodes === undefined) return null;
  const {startOrder, stopOrder, ...verbs} = commands;
  const own = {launchers: null, runAs, retcodes};
  const resource: AppResource = {...base, type: 'app', ...verbs, ...own};
  if (!isUseful(values, resource, options)) return null;
  return {resource, startOrder, stopOrder};
}

interface TextOf<Type extends 'file' | 'verb' | 'text'> {
  readonly type: Type;
  readonly fallback: string;
  readonly scoped: true;
}

/** Keys that both types of applications have, each with a default of its own. */
interface CommandKeys extends KeyTable {
  readonly script: TextOf<'file'>;
  readonly start: TextOf<'verb'>;
  readonly stop: TextOf<'verb'>;
  readonly check: TextOf<'verb'>;
}

/** What the verbs call; null where it was reported. */
export function readCommands(
  values: Values<CommandKeys>,
  options: ReadOptions,
):
  | (Pick<AppResource, 'start' | 'stop' | 'check'> &
      Pick<AppDraft, 'stopOrder'> & {readonly startOrder: number | null})
  | null {
  const verbs = {
    start: values.get('start') ?? {kind: 'no' as const},
    stop: values.get('stop') ?? {kind: 'no' as const},
    check: values.get('check') ?? {kind: 'no' as const},
  };
  const script = scriptPath(values, options, Object.values(verbs));
  if (script === null) return null;
  return {
    start: commandOf(verbs.start, script, 'start'),
    stop: commandOf(verbs.stop, script, 'stop'),
    check: commandOf(verbs.check, script, 'status'),
    startOrder: orderOf(verbs.start),
    stopOrder: orderOf(verbs.stop),
  };
}

/** The implied `app` of OpenSVC 1.5: a folder of launchers and no section. */
export function impliedLaunchers(file: string, options: ReadOptions): AppDraft {
  const resource: AppResource = {
    ...baseDefaults,
    rid: resourceId('app'),
    type: 'app',
    ...options.deadlines,
    place: {file, line: 0},
    ...launcherDefaults,
    launchers: options.folderPath,
  };
  noteUnchecked(resource, options);
  return {resource, startOrder: null, stopOrder: null};
}

function launcherDraft(
  values: AppValues,
  base: ResourceBase,
  options: ReadOptions,
): AppDraft | null {
  if (options.folder === null) {
    const name = `[${values.name}]`;
    const message = `${name} expected script or start, or the folder ${options.folderPath}`;
    options.report('HA_CONF_NO_START', values.place, message);
    return null;
  }
  const launchers = options.folder.path;
  const resource: AppResource = {...base, type: 'app', ...launcherDefaults, launchers};
  noteUnchecked(resource, options);
  return {resource, startOrder: null, stopOrder: null};
}

/** Empty where no verb needs a script; null where one does and there is none. */
function scriptPath(
  values: Values<CommandKeys>,
  options: ReadOptions,
  verbs: readonly Verb[],
): string | null {
  const script = values.get('script');
  if (script !== null) return script.startsWith('/') ? script : `${options.folderPath}/${script}`;
  if (!verbs.some((verb) => verb.kind === 'script')) return '';
  if (!values.has('script')) {
    const message = `[${values.name}] expected the key script, found none`;
    options.report('HA_CONF_MISSING_KEY', values.place, message, 'Write script = /path.');
  }
  return null;
}

function commandOf(verb: Verb, script: string, word: string): readonly string[] | null {
  if (verb.kind === 'no') return null;
  return verb.kind === 'script' ? [script, word] : verb.words;
}

/** OpenSVC's `CODE:STATE ...`; `warn` and `n/a` are no answer. Undefined where it was reported. */
export function readRetcodes(
  values: Values<{readonly retcodes: TextOf<'text'>}>,
  report: Report,
): AppResource['retcodes'] | undefined {
  const text = values.get('retcodes');
  if (text === null) return values.has('retcodes') ? undefined : null;
  const pairs = text
    .split(/\s+/)
    .filter((pair) => pair !== '')
    .map((pair) => /^(\d{1,3}):(up|down|warn|n\/a|stdby)$/.exec(pair));
  if (pairs.length > 0 && pairs.every((pair) => pair !== null && Number(pair[1]) <= 255)) {
    return new Map(
      pairs.map((pair) => {
        const word = pair?.[2];
        const state = word === 'up' || word === 'down' ? word : ('unknown' as const);
        return [Number(pair?.[1]), state] as const;
      }),
    );
  }
  const message = `retcodes expected CODE:STATE, separated by blanks, found ${quote(text)}`;
  report('HA_CONF_BAD_VALUE', values.placeOf('retcodes'), message, 'Write 0:up 1:down.');
  return undefined;
}

function orderOf(verb: Verb): number | null {
  return verb.kind === 'script' ? verb.order : null;
}

/** A refused value was reported already; what is left out on purpose is reported here. */
function isUseful(values: AppValues, resource: AppResource, options: ReadOptions): boolean {
  if (resource.start === null && resource.stop === null) {
    const refused = (['start', 'stop'] as const).some(
      (key) => values.has(key) && values.get(key) === null,
    );
    if (!refused) {
      const message = `[${values.name}] expected start = yes or a command, found none`;
      options.report('HA_CONF_NO_START', values.place, message, 'Write start = yes, stop = yes.');
    }
    return false;
  }
  noteUnchecked(resource, options);
  return true;
}

function noteUnchecked(resource: AppResource, options: ReadOptions): void {
  if (resource.disabled) return;
  const names = options.folder?.names ?? null;
  const checked =
    resource.launchers === null
      ? resource.check !== null
      : names === null || names.some((name) => name.startsWith('C'));
  if (checked) return;
  const message = `${resource.rid} expected a way to ask whether it runs, found none`;
  options.report('HA_CONF_NO_CHECK', resource.place, message);
}

/** Absolute paths that it calls, and the folder that it takes launchers from. */
function scriptsOf(resource: AppResource, files: ConfigFiles): readonly string[] {
  if (resource.launchers === null) {
    const commands = [resource.start, resource.stop, resource.check];
    return commands.flatMap((words) => words?.slice(0, 1) ?? []);
  }
  const prefix = `${resource.launchers.slice(files.directory.length + 1)}/`;
  const names = [...files.texts.keys()]
    .filter((path) => path.startsWith(prefix))
    .map((path) => path.slice(prefix.length))
    .filter((name) => /^[SKC]/.test(name));
  return [resource.launchers, ...names.sort().map((name) => `${resource.launchers}/${name}`)];
}
