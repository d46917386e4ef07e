/**
 * A runner with everything it said kept in lists, and two kinds of resources to give it: real
 * scripts that keep their state in a file, and drivers that are plain functions (a driver is a
 * port).
 */

import {createRegistry} from '../../../src/drivers/registry.ts';
import type {ResourceConfig, ServiceConfig} from '../../../src/config/types.ts';
import {createRunner} from '../../../src/failover/io/runner.ts';
import type {Runner, RunnerLeftovers, ServiceLine} from '../../../src/failover/io/runner.ts';
import {buildPlan, type PlanIntent} from '../../../src/failover/plan.ts';
import type {
  ActionPlan,
  Driver,
  PlanOutcome,
  PlanProgress,
  ProbeOutcome,
  StepOutcome,
} from '../../../src/failover/types.ts';
import {nodeName} from '../../../src/kernel/ids.ts';

export interface Rig {
  readonly runner: Runner;
  readonly progress: PlanProgress[];
  readonly lines: ServiceLine[];
  /** How many plans ran at once at most. */
  readonly runningMax: () => number;
  /** Runs one plan to its end. */
  run(service: ServiceConfig, kind?: 'start' | 'stop'): Promise<PlanOutcome>;
  /** Queues one plan; its outcome arrives later. `since`: what became of the service by then. */
  begin(service: ServiceConfig, kind?: 'start' | 'stop', since?: ServiceConfig): Begun;
  /** Progress as text: `start r1 done`. */
  story(): readonly string[];
}

export interface Begun {
  readonly plan: ActionPlan;
  readonly outcome: Promise<PlanOutcome>;
}

export interface RigOptions {
  readonly driverFor?: (resource: ResourceConfig) => Driver;
  readonly parallelMax?: number;
  readonly queueMax?: number;
  readonly leftovers?: RunnerLeftovers;
  readonly onProgress?: (progress: PlanProgress) => void;
}

export function makeRig(options: RigOptions = {}): Rig {
  const progress: PlanProgress[] = [];
  const lines: ServiceLine[] = [];
  const waiting = new Map<string, (outcome: PlanOutcome) => void>();
  let runningMax = 0;
  let count = 0;
  const runner = createRunner({
    driverFor: options.driverFor ?? createRegistry({node: nodeName('node1')}).driverFor,
    onProgress(one) {
      progress.push(one);
      runningMax = Math.max(runningMax, runner.counts().running);
      options.onProgress?.(one);
    },
    onResult(plan, outcome) {
      const resolve = waiting.get(plan.id);
      if (resolve === undefined) throw new Error(`a second result for ${plan.id}`);
      waiting.delete(plan.id);
      resolve(outcome);
    },
    onLog: (line) => lines.push(line),
    ...(options.parallelMax === undefined ? {} : {parallelMax: options.parallelMax}),
    ...(options.leftovers === undefined ? {} : {leftovers: options.leftovers}),
    ...(options.queueMax === undefined ? {} : {queueMax: options.queueMax}),
  });
  const begin: Rig['begin'] = (service, kind = 'start', since = service) => {
    count += 1;
    const plan = planFor(service, {kind, epoch: 1, count});
    const outcome = new Promise<PlanOutcome>((resolve) => waiting.set(plan.id, resolve));
    runner.run(plan, since);
    return {plan, outcome};
  };
  return {
    runner,
    progress,
    lines,
    runningMax: () => runningMax,
    begin,
    run: (service, kind = 'start') => begin(service, kind).outcome,
    story: () => progress.map((one) => `${one.action} ${one.rid} ${one.phase}`),
  };
}

function planFor(service: ServiceConfig, intent: PlanIntent): ActionPlan {
  const built = buildPlan(service, intent);
  if (!built.ok) throw new Error(built.error.message);
  return built.value;
}

/** A driver made of functions; what is left out works at once and can not be asked. */
export function driverOf(parts: {
  readonly start?: Driver['start'];
  readonly stop?: Driver['stop'];
  readonly probe?: Driver['probe'];
}): Driver {
  const done = async (): Promise<StepOutcome> => ({kind: 'done', detail: 'done', durationMs: 0});
  const unasked = async (): Promise<ProbeOutcome> => ({
    state: 'unknown',
    verifiable: false,
    detail: 'unasked',
  });
  return {
    type: 'app',
    label: () => 'label',
    describe: () => [],
    start: parts.start ?? done,
    stop: parts.stop ?? done,
    probe: parts.probe ?? unasked,
  };
}

/**
 * A script whose resource is up while `NAME.up` exists. `NAME.start` and `NAME.stop` hold what the
 * verb does instead: `half` brings it up and fails, `fail` fails, `lie` exits 0 and does nothing,
 * `hang` brings it up (or leaves it) and never ends.
 */
export const statefulScript = `
up="$0.up"
echo "\${0##*/} $1" >> "\${0%/*}/diary"
how=
[ "$1" != status ] && [ -e "$0.$1" ] && read -r how < "$0.$1"
case "$1 $how" in
'start ') : > "$up" ;;
'stop ') [ ! -e "$up" ] || rm "$up" ;;
'start half') : > "$up"; echo half-way >&2; exit 1 ;;
'start hang') : > "$up"; exec sleep 600 ;;
'stop hang') exec sleep 600 ;;
'start lie'|'stop lie') ;;
'start fail'|'stop fail'|'stop half') echo "no $1" >&2; exit 1 ;;
'status ') [ -e "$up" ] || exit 3 ;;
*) exit 99 ;;
esac`;
