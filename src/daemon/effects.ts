/**
 * Each effect to the one who carries it out. What was dropped because the journal refused is made
 * known as well, because somebody waits for its end; and what only makes things safer, or ends the
 * process, is done without a record: a full disk must not keep a service from being stopped.
 */

import type {ArbiterQuestion} from '../arbitration/arbiter.ts';
import type {ServiceConfig, WatchdogConfig} from '../config/types.ts';
import type {Effect, Input, NoticeLevel} from '../engine/types.ts';
import type {Runner} from '../failover/io/runner.ts';
import type {ActionPlan, ServiceProbe} from '../failover/types.ts';
import {assert, unreachable} from '../kernel/assert.ts';
import {exitCodes} from '../kernel/exit-codes.ts';
import type {DiskId, LinkId, NodeName, ServiceName} from '../kernel/ids.ts';
import type {HaError} from '../kernel/result.ts';
import type {OutwardEffect} from './executor.ts';
import type {Log} from './log.ts';
import type {Orders} from './orders.ts';

export interface EffectPorts {
  readonly log: Log;
  readonly orders: Orders;
  readonly runner: Runner;
  readonly media: {
    send(link: LinkId, bytes: Uint8Array): void;
    writeSlot(disk: DiskId, bytes: Uint8Array): void;
  };
  readonly watchdog: {
    arm(order: WatchdogConfig): void;
    feed(untilMs: number): void;
    release(): void;
  };
  /** Tries all levels; ends with the input `fence-result`. */
  fence(node: NodeName, attempt: number): void;
  readonly arbiter: {ask(id: number, question: ArbiterQuestion): void};
  selfFence(method: WatchdogConfig['selfFence']): void;
  /** The service as last configured: one that was taken out is still stopped by its old words. */
  service(name: ServiceName): ServiceConfig | undefined;
  give(input: Input): void;
  drain(): void;
  exit(code: number): void;
  /** Something changed that people look at. */
  changed(text: string): void;
}

export function performEffect(effect: OutwardEffect, ports: EffectPorts): void {
  switch (effect.type) {
    case 'send':
      ports.media.send(effect.link, effect.bytes);
      return;
    case 'write-slot':
      ports.media.writeSlot(effect.disk, effect.bytes);
      return;
    case 'probe':
      probe(effect.service, ports);
      return;
    case 'run-plan':
      runPlan(effect.plan, ports);
      return;
    case 'abort-plan':
      ports.runner.abort(effect.plan);
      return;
    case 'arm-watchdog':
      ports.watchdog.arm(effect.config);
      return;
    case 'feed-watchdog':
      ports.watchdog.feed(effect.untilMs);
      return;
    case 'release-watchdog':
      ports.watchdog.release();
      return;
    case 'fence':
      ports.fence(effect.node, effect.attempt);
      return;
    case 'ask-arbiter':
      ports.arbiter.ask(effect.id, effect.question);
      return;
    case 'drain':
      ports.drain();
      return;
    case 'notice':
      notice(effect, ports);
      return;
    case 'progress':
      ports.orders.progress(effect.id, effect.text);
      return;
    case 'reply':
      ports.orders.end(effect.id, effect.answer);
      return;
    case 'exit':
      ports.exit(effect.code);
      return;
    case 'self-fence':
      notice({...effect, type: 'notice', level: 'alarm', service: null}, ports);
      ports.selfFence(effect.method);
      return;
    default:
      unreachable(effect);
  }
}

/** The effect was not carried out: its record or its facts could not be made durable. */
export function dropEffect(effect: OutwardEffect, error: HaError, ports: EffectPorts): void {
  switch (effect.type) {
    case 'run-plan':
      if (effect.plan.kind === 'stop') runPlan(effect.plan, ports);
      else refusePlan(effect.plan, `not run: ${error.message}`, ports);
      return;
    case 'reply': {
      const text = `nothing was done, because it could not be written down: ${error.message}`;
      ports.orders.end(effect.id, {exit: exitCodes.failed, text, askNode: null});
      return;
    }
    case 'fence': {
      const {node, attempt} = effect;
      const detail = `not begun, because it could not be written down: ${error.message}`;
      const report = {off: false, level: null, detail, durationMs: 0};
      ports.give({type: 'fence-result', node, attempt, report});
      return;
    }
    case 'send':
    case 'write-slot':
      return; // The next beat says what is true by then.
    case 'abort-plan':
    case 'arm-watchdog':
    case 'feed-watchdog':
    case 'release-watchdog':
    case 'ask-arbiter':
    case 'probe':
    case 'drain':
    case 'notice':
    case 'progress':
    case 'exit':
    case 'self-fence':
      performEffect(effect, ports);
      return;
    default:
      unreachable(effect);
  }
}

function probe(name: ServiceName, ports: EffectPorts): void {
  const service = ports.service(name);
  assert(service !== undefined, `a probe of ${name}, which was never configured`);
  // The runner never rejects; a rejection would be a defect and ends the process.
  void ports.runner.probe(service).then((result: ServiceProbe) => {
    ports.give({type: 'probe-result', service: name, probe: result});
  });
}

function runPlan(plan: ActionPlan, ports: EffectPorts): void {
  const service = ports.service(plan.service);
  assert(service !== undefined, `a plan for ${plan.service}, which was never configured`);
  ports.runner.run(plan, service);
}

function refusePlan(plan: ActionPlan, detail: string, ports: EffectPorts): void {
  const outcome = {kind: 'failed', clean: true, detail, durationMs: 0} as const;
  ports.give({type: 'plan-result', plan: plan.id, service: plan.service, outcome});
}

const levels = {info: 'info', warning: 'warn', alarm: 'error'} as const satisfies Record<
  NoticeLevel,
  string
>;

function notice(effect: Extract<Effect, {readonly type: 'notice'}>, ports: EffectPorts): void {
  const {service, cause, level} = effect;
  const fields = service === null ? {} : {service};
  ports.log[levels[level]]({...fields, reason: cause.reason}, cause.detail);
  ports.changed(service === null ? cause.detail : `${service}: ${cause.detail}`);
}
