/**
 * Resource agents of the Open Cluster Framework (OCF RA API 1.0 and 1.1), as Pacemaker calls them:
 * parameters in the environment, the action as the one argument. An agent is believed as far as its
 * own monitor confirms what it said, like every other resource.
 */

import {mkdir} from 'node:fs/promises';
import type {OcfResource} from '../config/resources/ocf.ts';
import type {Driver, DriverContext, ProbeOutcome, StepOutcome} from '../failover/types.ts';
import {isSecretName} from '../kernel/secret-names.ts';
import {shellWord} from '../kernel/shell-word.ts';
import {call, withRest, type DriverHost} from './call.ts';
import {ocfRoot} from './host/ocf-root.ts';
import type {RunResult} from './host/run.ts';
import {ocfSentence, ocfUnimplemented, ocfVerdict, refusesStart} from './ocf-codes.ts';
import {outcomeOf} from './outcome.ts';

type Action = 'start' | 'stop' | 'monitor' | 'validate-all' | 'meta-data';

interface Order {
  readonly resource: OcfResource;
  readonly context: DriverContext;
}

export function createOcfDriver(host: DriverHost): Driver<OcfResource> {
  const agents = new OcfAgents(host);
  return {
    type: 'app.ocf',
    label: ({provider, agent}) => `ocf:${provider}:${agent}`,
    describe: (resource, action) => [commandLine(agents.pathOf(resource), resource, action)],
    probe: (resource, context) => agents.probe({resource, context}),
    start: (resource, context) => agents.start({resource, context}),
    stop: (resource, context) => agents.stop({resource, context}),
  };
}

/** As one would type it; a password is not for the screen. */
function commandLine(path: string, resource: OcfResource, action: string): string {
  const variables = [...resource.parameters].map(
    ([name, value]) => `OCF_RESKEY_${name}=${isSecretName(name) ? '***' : shellWord(value)}`,
  );
  return [...variables, path, action].join(' ');
}

/** An agent only prints then. */
const metadataMsMax = 5_000;

class OcfAgents {
  readonly #host: DriverHost;
  /** Resources that were seen up and not stopped since: a monitor of them is a recurring one. */
  readonly #up = new Set<string>();
  /** Agents by their paths: whether they can be promoted. */
  readonly #roles = new Map<string, boolean>();

  constructor(host: DriverHost) {
    this.#host = host;
  }

  pathOf({provider, agent}: OcfResource): string {
    return `${this.#root()}/resource.d/${provider}/${agent}`;
  }

  async probe(order: Order): Promise<ProbeOutcome> {
    const key = keyOf(order);
    const sinceMs = performance.now();
    // Here and not at the start, where somebody waits.
    if (!order.resource.unpromoted) await this.#hasRoles(order);
    const wasUp = this.#up.has(key);
    const rest = {...order, context: withRest(order.context, sinceMs)};
    const result = await this.#call(rest, 'monitor', wasUp ? monitorMs(order) : 0);
    const seen = ocfVerdict({...this.#called(order, 'monitor', result), wasUp});
    if (seen.state === 'up') this.#up.add(key);
    if (seen.state === 'down') this.#up.delete(key);
    return seen;
  }

  async start(order: Order): Promise<StepOutcome> {
    const sinceMs = performance.now();
    const refusal = (await this.#refuseRoles(order)) ?? (await this.#validate(order));
    if (refusal !== null) return refusal;
    const rest = {...order, context: withRest(order.context, sinceMs)};
    const outcome = await this.#act(rest, 'start');
    return {...outcome, durationMs: performance.now() - sinceMs};
  }

  async stop(order: Order): Promise<StepOutcome> {
    this.#up.delete(keyOf(order));
    return this.#act(order, 'stop');
  }

  /** An agent with roles whose start alone may not be enough, unless that was written to be. */
  async #refuseRoles(order: Order): Promise<StepOutcome | null> {
    if (order.resource.unpromoted || !(await this.#hasRoles(order))) return null;
    const detail =
      `${this.pathOf(order.resource)}: it can be promoted, which is not done here; ` +
      'where its plain start is enough, write unpromoted = yes';
    return {kind: 'failed', detail, durationMs: 0, untouched: true};
  }

  /** Asked once in the life of the daemon; an agent that tells nothing of itself has none. */
  async #hasRoles(order: Order): Promise<boolean> {
    const path = this.pathOf(order.resource);
    const known = this.#roles.get(path);
    if (known !== undefined) return known;
    const deadlineMs = Math.min(metadataMsMax, order.context.deadlineMs / 2);
    const context = {...order.context, deadlineMs};
    const result = await this.#call({...order, context}, 'meta-data', 0);
    const has = /<action\s[^>]*\bname\s*=\s*["']promote["']/.test(result.stdout);
    this.#roles.set(path, has);
    return has;
  }

  /** Null where the start may go on. `validate-all` only looks. */
  async #validate(order: Order): Promise<StepOutcome | null> {
    const result = await this.#call(order, 'validate-all', 0);
    const called = this.#called(order, 'validate-all', result);
    const {code, kind} = result;
    if (kind === 'exited' && !refusesStart(code)) {
      const isUsual = code === 0 || code === ocfUnimplemented;
      if (!isUsual) order.context.log(`not heeded: ${ocfSentence(called)}`);
      return null;
    }
    const outcome = outcomeOf(called);
    const detail = `the agent refused the start: ${ocfSentence(called)}`;
    return {...outcome, detail, ...(kind === 'exited' ? {untouched: true} : {})};
  }

  async #act(order: Order, action: 'start' | 'stop'): Promise<StepOutcome> {
    const result = await this.#call(order, action, 0);
    const called = this.#called(order, action, result);
    return {...outcomeOf(called), detail: ocfSentence(called)};
  }

  #called(
    {resource, context}: Order,
    action: Action,
    result: RunResult,
  ): {readonly program: string; readonly result: RunResult; readonly deadlineMs: number} {
    const program = `${this.pathOf(resource)} ${action}`;
    return {program, result, deadlineMs: context.deadlineMs};
  }

  async #call(order: Order, action: Action, intervalMs: number): Promise<RunResult> {
    await makeStateFolder();
    const {resource, context} = order;
    const root = this.#root();
    return call({
      host: this.#host,
      resource,
      context,
      action: action === 'start' || action === 'stop' ? action : 'status',
      argv: [this.pathOf(resource), action],
      environment: environmentOf({...order, action, intervalMs, root, node: this.#host.node}),
    });
  }

  #root(): string {
    return this.#host.ocfRoot ?? ocfRoot;
  }
}

function keyOf({resource, context}: Order): string {
  return `${context.service.name}/${resource.rid}`;
}

/** Any number but 0 says "recurring" to an agent. */
function monitorMs({context}: Order): number {
  return Math.max(1, context.service.monitorMs);
}

function environmentOf(
  asked: Order & {
    readonly action: Action;
    readonly intervalMs: number;
    readonly root: string;
    readonly node: string;
  },
): Readonly<Record<string, string>> {
  const {resource, context, action, intervalMs, root, node} = asked;
  const parameters = [...resource.parameters].map(([name, value]) => [`OCF_RESKEY_${name}`, value]);
  return {
    OCF_ROOT: root,
    OCF_RA_VERSION_MAJOR: '1',
    OCF_RA_VERSION_MINOR: '1',
    OCF_RESOURCE_TYPE: resource.agent,
    OCF_RESOURCE_PROVIDER: resource.provider,
    // Agents name files after it. A colon would be the number of a clone.
    OCF_RESOURCE_INSTANCE: `${context.service.name}.${resource.rid.replace('#', '.')}`,
    OCF_RESKEY_CRM_meta_name: action,
    OCF_RESKEY_CRM_meta_timeout: String(Math.round(context.deadlineMs)),
    OCF_RESKEY_CRM_meta_interval: String(intervalMs),
    OCF_RESKEY_CRM_meta_on_node: node,
    ...(resource.checkLevel === 0 ? {} : {OCF_CHECK_LEVEL: String(resource.checkLevel)}),
    // Without a facility agents log to the standard error: into the log of the service.
    HA_debug: '0',
    ...Object.fromEntries(parameters),
  };
}

/** Where agents keep their state (HA_RSCTMP): /run is empty after a boot. */
const stateFolder = '/run/resource-agents';

async function makeStateFolder(): Promise<void> {
  try {
    await mkdir(stateFolder, {mode: 0o1755});
  } catch {
    // It is there already, or cannot be made: then the agent says what it misses.
  }
}
