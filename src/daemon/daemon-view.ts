/** The engine's view with what only the shell knows. */

import {readFileSync} from 'node:fs';
import {gradeOf} from '../config/takeover.ts';
import type {ClusterConfig, ResourceConfig} from '../config/types.ts';
import type {DaemonView, ResourceLabel} from '../control/types.ts';
import type {EngineView} from '../engine/view.ts';
import type {LoopLag} from './lag.ts';
import type {TaskView} from '../kernel/schedule/types.ts';

type ResourceLabels = Readonly<Record<string, readonly ResourceLabel[]>>;

/** What does not change in the life of a daemon. */
export interface LifeFacts {
  readonly version: string;
  readonly pid: number;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly configDirectory: string;
}

/** Called once at the start, so that a synchronous read does no harm. */
export function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as {readonly version: string}).version;
}

export function daemonView(
  view: EngineView,
  shell: {
    readonly life: LifeFacts;
    readonly config: ClusterConfig;
    readonly wallMs: number;
    readonly loopLag: LoopLag;
    /** Counted by the shell: inputs that found the queue full, handshakes that failed. */
    readonly drops: Readonly<Record<string, number>>;
    readonly mediaPids: Readonly<Record<string, number>>;
    readonly resources: ResourceLabels;
    readonly tasks: readonly TaskView[];
  },
): DaemonView {
  const {life, config, wallMs, loopLag, mediaPids, resources, tasks} = shell;
  const at = new Date(wallMs).toISOString();
  const drops = {...view.drops, ...shell.drops};
  return {
    ...view,
    ...life,
    at,
    grade: gradeOf(config),
    loopLag,
    mediaPids,
    drops,
    resources,
    tasks,
  };
}

/** Made once per configuration: the drivers' words for what each service is made of. */
export function resourceLabels(
  config: ClusterConfig,
  labelOf: (resource: ResourceConfig) => string,
): ResourceLabels {
  const labels: Record<string, readonly ResourceLabel[]> = {};
  for (const service of config.services) {
    labels[service.name] = service.resources.map((resource) => ({
      rid: resource.rid,
      label: labelOf(resource),
      optional: resource.optional,
      disabled: resource.disabled,
      monitored: service.monitorMs > 0 && service.restarts > 0,
    }));
  }
  return labels;
}
