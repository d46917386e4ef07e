/**
 * `--dry-run`: what a command would call here, without calling it and without asking for the
 * right.
 */

import type {FenceConfig, ResourceConfig, ServiceConfig} from '../config/types.ts';
import type {Command} from '../engine/types.ts';
import type {ServiceView} from '../engine/view.ts';
import {buildPlan, describePlan} from '../failover/plan.ts';
import type {ActionPlan, Driver} from '../failover/types.ts';
import {formatDuration} from '../kernel/duration.ts';
import {exitCodes} from '../kernel/exit-codes.ts';
import type {NodeName} from '../kernel/ids.ts';
import type {Selection} from '../kernel/selection.ts';

export interface PlanAnswer {
  readonly exit: number;
  readonly text: string;
  /** The plans in the order in which they would run on this node. */
  readonly data: {readonly plans: readonly ActionPlan[]};
}

export interface PlanQuestion {
  readonly node: NodeName;
  readonly command: Command;
  /** A part of the service; null: all of it. */
  readonly selection: Selection | null;
  readonly fences: readonly FenceConfig[];
  /** The service as configured and as it is; undefined where it does not exist. */
  readonly config: ServiceConfig | undefined;
  readonly service: ServiceView | undefined;
  driverFor(resource: ResourceConfig): Driver;
}

type Kind = 'start' | 'stop';

export function answerPlan(question: PlanQuestion): PlanAnswer {
  const {command, config, service, node} = question;
  if ('service' in command && (config === undefined || service === undefined)) {
    return plain(exitCodes.noSuch, `no service is called ${command.service}`);
  }
  if (config === undefined || service === undefined) {
    return plain(exitCodes.done, wordsFor(command, question.fences));
  }
  const instance = service.instances.find((one) => one.node === node);
  const state = instance?.state ?? 'UNKNOWN';
  const kinds = kindsOf(command, state, question.selection !== null);
  const lines = [`${config.name} is ${state} on ${node}`];
  const waiting = instance?.local?.waiting;
  if (waiting !== null && waiting !== undefined) lines.push(`it waits: ${waiting.detail}`);
  if (kinds.length === 0) lines.push(`${command.verb}: no script would be called here`);
  const plans: ActionPlan[] = [];
  for (const kind of kinds) {
    const epoch = service.epoch + (kind === 'start' ? 1 : 0);
    const {selection} = question;
    const part = selection === null ? {} : {selection};
    const plan = buildPlan(config, {kind, epoch, count: 0, ...part});
    if (!plan.ok) {
      const {message, hint = ''} = plan.error;
      return plain(exitCodes.failed, [...lines, message, hint].join('\n').trimEnd());
    }
    plans.push(plan.value);
    lines.push(...describePlan(plan.value), ...callsOf(plan.value, question, config));
  }
  return {exit: exitCodes.done, text: lines.join('\n'), data: {plans}};
}

/** What a command that names no service would set off. */
function wordsFor(command: Command, fences: readonly FenceConfig[]): string {
  switch (command.verb) {
    case 'confirm-dead':
      return (
        `${command.node} would count as dead until it is heard again; ` +
        'every service that waits for that proof would start at once where it may'
      );
    case 'fence':
      return fenceWords(command.node, fences);
    case 'drain':
      return 'every service that another node can take would be stopped here';
    case 'shutdown':
      return command.keep
        ? 'the daemon would end and leave its services running'
        : 'every service that runs here would be stopped, then the daemon would end';
    default:
      return `${command.verb}: no script would be called`;
  }
}

function fenceWords(node: NodeName, fences: readonly FenceConfig[]): string {
  const lines = fences
    .filter((fence) => fence.node === node)
    .map(({level, method, action, retries, timeoutMs}) => {
      const program = method.kind === 'agent' ? method.agent : method.off.join(' ');
      const tries = retries === 0 ? 'once' : `${retries + 1} times at most`;
      const check = method.kind === 'command' && method.status === null ? '' : ', then status';
      const again = action === 'reboot' ? ', then on' : '';
      const limit = formatDuration(timeoutMs);
      return `level ${level}: ${program}: off${check}${again}; ${tries}, ${limit} each`;
    });
  if (lines.length === 0) return `cluster.conf has no section [fence#${node}]`;
  return [`${node} would be switched off, with everything that runs there`, ...lines].join('\n');
}

/** A part of a service may be down while the rest of it runs, and the other way round. */
function kindsOf(command: Command, state: string, isPart: boolean): readonly Kind[] {
  if (isPart && command.verb === 'start') return ['start'];
  if (isPart && (command.verb === 'stop' || command.verb === 'freeze-stop')) return ['stop'];
  const running = state === 'STARTED' || state === 'FROZEN_START' || state === 'STARTING';
  switch (command.verb) {
    case 'start':
    case 'takeover':
    case 'freeze-start':
      return running ? [] : ['start'];
    case 'stop':
    case 'switch':
    case 'freeze-stop':
      return running || state === 'STOP_FAILED' ? ['stop'] : [];
    case 'restart':
      return running ? ['stop', 'start'] : [];
    default:
      return [];
  }
}

function callsOf(
  plan: ActionPlan,
  question: PlanQuestion,
  config: ServiceConfig,
): readonly string[] {
  const lines: string[] = [];
  for (const step of plan.steps) {
    const resource = config.resources.find((one) => one.rid === step.rid);
    if (resource === undefined) continue;
    const calls = question.driverFor(resource).describe(resource, step.action);
    lines.push(...calls.map((call) => `     ${step.rid}: ${call}`));
  }
  return lines;
}

function plain(exit: number, text: string): PlanAnswer {
  return {exit, text, data: {plans: []}};
}
