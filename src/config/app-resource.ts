/** `[app#N]` of a service file to a resource, as one node evaluates it. */

import {resourceId} from '../kernel/ids.ts';
import type {Deadlines} from './deadlines.ts';
import type {Report} from './findings.ts';
import type {IniSection} from './ini.ts';
import type {Verb} from './key-spec.ts';
import type {appKeys} from './keys.ts';
import type {Section} from './section.ts';
import type {AppResource} from './types.ts';

export interface AppSection {
  readonly section: IniSection;
  readonly values: Section<typeof appKeys>;
}

/** The folder `SERVICE.d`: its path, and the launchers in it; null where it can not be listed. */
export interface LauncherFolder {
  readonly path: string;
  readonly names: readonly string[] | null;
}

export interface AppOptions {
  /** Node that evaluates scoped keys. */
  readonly node: string;
  readonly deadlines: Deadlines;
  /** null: there is no `SERVICE.d`. */
  readonly folder: LauncherFolder | null;
  /** Path that `SERVICE.d` has or would have. */
  readonly folderPath: string;
  readonly report: Report;
}

export interface AppDraft {
  readonly resource: AppResource;
  /** Sequence numbers, where they are given instead of `yes`. */
  readonly startOrder: number | null;
  readonly stopOrder: number | null;
}

/** null where it was reported as useless. */
export function appDraft(app: AppSection, options: AppOptions): AppDraft | null {
  const {values} = app;
  const {node} = options;
  const written = (['script', 'start', 'stop', 'check'] as const).some((key) =>
    values.has(key, node),
  );
  if (!written) return launcherDraft(app, options);
  const verbs = {
    start: values.get('start', node) ?? {kind: 'no' as const},
    stop: values.get('stop', node) ?? {kind: 'no' as const},
    check: values.get('check', node) ?? {kind: 'no' as const},
  };
  const script = scriptPath(app, options, Object.values(verbs));
  if (script === null) return null;
  const resource: AppResource = {
    ...common(app, options),
    start: commandOf(verbs.start, script, 'start'),
    stop: commandOf(verbs.stop, script, 'stop'),
    check: commandOf(verbs.check, script, 'status'),
    launchers: null,
  };
  if (!isUseful(app, resource, options)) return null;
  return {resource, startOrder: orderOf(verbs.start), stopOrder: orderOf(verbs.stop)};
}

/** The implied `app` of OpenSVC 1.5: a folder of launchers and no section. */
export function impliedLaunchers(place: IniSection['file'], options: AppOptions): AppDraft {
  const resource: AppResource = {
    rid: resourceId('app'),
    type: 'app',
    ...options.deadlines,
    optional: false,
    disabled: false,
    place: {file: place, line: 0},
    start: null,
    stop: null,
    check: null,
    launchers: options.folderPath,
  };
  noteUnchecked(resource, options);
  return {resource, startOrder: null, stopOrder: null};
}

function launcherDraft(app: AppSection, options: AppOptions): AppDraft | null {
  const {place} = app.values;
  if (options.folder === null) {
    const name = `[${app.section.name}]`;
    const message = `${name} expected script or start, or the folder ${options.folderPath}`;
    options.report('HA_CONF_NO_START', place, message);
    return null;
  }
  const nulls = {start: null, stop: null, check: null};
  const resource = {...common(app, options), ...nulls, launchers: options.folder.path};
  noteUnchecked(resource, options);
  return {resource, startOrder: null, stopOrder: null};
}

function common(
  app: AppSection,
  options: AppOptions,
): Omit<AppResource, 'start' | 'stop' | 'check' | 'launchers'> {
  const {values} = app;
  const {node, deadlines} = options;
  const timeoutMs = values.get('timeout', node);
  return {
    rid: resourceId(app.section.name),
    type: 'app',
    startMs: values.get('start_timeout', node) ?? timeoutMs ?? deadlines.startMs,
    stopMs: values.get('stop_timeout', node) ?? timeoutMs ?? deadlines.stopMs,
    probeMs: values.get('check_timeout', node) ?? deadlines.probeMs,
    optional: values.get('optional', node) ?? false,
    disabled: values.get('disable', node) ?? false,
    place: values.place,
  };
}

/** Empty where no verb needs a script; null where one does and there is none. */
function scriptPath(app: AppSection, options: AppOptions, verbs: readonly Verb[]): string | null {
  const script = app.values.get('script', options.node);
  if (script !== null) return script.startsWith('/') ? script : `${options.folderPath}/${script}`;
  if (!verbs.some((verb) => verb.kind === 'script')) return '';
  if (!app.values.has('script', options.node)) {
    const message = `[${app.section.name}] expected the key script, found none`;
    options.report('HA_CONF_MISSING_KEY', app.values.place, message, 'Write script = /path.');
  }
  return null;
}

function commandOf(verb: Verb, script: string, word: string): readonly string[] | null {
  if (verb.kind === 'no') return null;
  return verb.kind === 'script' ? [script, word] : verb.words;
}

function orderOf(verb: Verb): number | null {
  return verb.kind === 'script' ? verb.order : null;
}

/** A refused value was reported already; what is left out on purpose is reported here. */
function isUseful(app: AppSection, resource: AppResource, options: AppOptions): boolean {
  const {values} = app;
  if (resource.start === null && resource.stop === null) {
    const refused = (['start', 'stop'] as const).some(
      (key) => values.has(key, options.node) && values.get(key, options.node) === null,
    );
    if (!refused) {
      const message = `[${app.section.name}] expected start = yes or a command, found none`;
      options.report('HA_CONF_NO_START', values.place, message, 'Write start = yes, stop = yes.');
    }
    return false;
  }
  noteUnchecked(resource, options);
  return true;
}

function noteUnchecked(resource: AppResource, options: AppOptions): void {
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
