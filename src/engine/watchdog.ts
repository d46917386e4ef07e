/**
 * The watchdog (SAFETY, section 5). Armed before the first start that needs P3, fed by the turn
 * that has just checked the right to run and by nothing else, disarmed only when all such services
 * rest. When the right has ended and something leased still runs, this node ends itself.
 */

import type {WatchdogReport} from '../arbitration/watchdog.ts';
import {proofNeeded, proofRank} from '../arbitration/types.ts';
import type {WatchdogConfig} from '../config/types.ts';
import type {Cause, ServiceState} from '../kernel/words.ts';
import {cause, notice, record} from './emit.ts';
import type {Reading} from './evidence.ts';
import {isLeased} from './rights.ts';
import type {Rights} from './rights.ts';
import {markAllDirty} from './state.ts';
import type {Engine, ServiceRuntime} from './state.ts';

export interface WatchdogRuntime {
  state: 'off' | 'arming' | 'armed' | 'releasing' | 'failed';
  /** What it is worth, or what is wrong: a sentence. */
  detail: string;
  timeoutMs: number;
  proof: 'P2' | 'P3' | null;
  mayRelease: boolean;
  /** The configuration that it was armed with: a reload changes it at the next arming. */
  config: WatchdogConfig | null;
  fedMs: number | null;
  nextFeedMs: number;
  /** When a failed one is tried again. */
  retryMs: number;
  /** Earliest instant at which a right to run ends, as last looked at. */
  rightEndsMs: number;
}

/** Feeds per time-out: one may be lost, one late. */
const feedsPerTimeout = 4;
const retryAfterMs = 10_000;

export function createWatchdog(): WatchdogRuntime {
  return {
    state: 'off',
    detail: '',
    timeoutMs: 0,
    proof: null,
    mayRelease: true,
    config: null,
    fedMs: null,
    nextFeedMs: Infinity,
    retryMs: 0,
    rightEndsMs: Infinity,
  };
}

/** What frames publish: only what makes a lease P3. */
export function attestedMs({watchdog}: Engine): number {
  return watchdog.state === 'armed' && watchdog.proof === 'P3' ? Math.ceil(watchdog.timeoutMs) : 0;
}

/** When the watchdog wants a turn. */
export function watchdogDueMs({watchdog}: Engine): number {
  const dueMs = Math.min(watchdog.nextFeedMs, watchdog.rightEndsMs);
  return watchdog.state === 'failed' ? Math.min(dueMs, watchdog.retryMs) : dueMs;
}

/** Class data starts only once the watchdog is armed, or is known not to work. */
export function awaitsWatchdog(engine: Engine, service: ServiceRuntime): Cause | null {
  if (!needsP3(service) || configOf(engine) === null) return null;
  const {state} = engine.watchdog;
  if (state === 'armed' || state === 'failed') return null;
  return cause('watchdog-arming', 'the watchdog of this node is not armed yet');
}

/** Why this start must not be: `mode = required` and no watchdog. Null: it may. */
export function lacksWatchdog(engine: Engine, service: ServiceRuntime): Cause | null {
  if (!needsP3(service) || configOf(engine)?.mode !== 'required') return null;
  if (engine.watchdog.state === 'armed') return null;
  return cause('watchdog-required', `the watchdog is not armed: ${engine.watchdog.detail}`);
}

/** Once a turn, after the services were looked at and before frames say what came of it. */
export function tendWatchdog(engine: Engine, reading: Reading, beat: boolean): void {
  const {watchdog, nowMs} = engine;
  const config = configOf(engine);
  const mayForfeit = engine.config.quorum?.policy === 'self-fence';
  if (config === null && watchdog.state === 'off' && !mayForfeit) return;
  const isWanted = isNeeded(engine);
  if (watchdog.state === 'off' || watchdog.state === 'failed') {
    const again = watchdog.state === 'off' || nowMs >= watchdog.retryMs;
    if (config !== null && isWanted && again) arm(engine, config);
    else if (!isWanted && again) watchdog.state = 'off';
  }
  if (beat || mayForfeit || nowMs >= watchdogDueMs(engine)) feedOrFence(engine, reading.rights);
  if (watchdog.state === 'armed' && watchdog.mayRelease && !isWanted) {
    watchdog.state = 'releasing';
    watchdog.nextFeedMs = Infinity;
    engine.out.push({type: 'release-watchdog'});
  }
}

export function onWatchdog(engine: Engine, report: WatchdogReport): void {
  const {watchdog, nowMs} = engine;
  switch (report.state) {
    case 'fed':
      watchdog.fedMs = Math.max(watchdog.fedMs ?? 0, report.atMs);
      return;
    case 'armed':
      watchdog.state = 'armed';
      watchdog.detail = report.detail;
      watchdog.timeoutMs = report.timeoutMs;
      watchdog.proof = report.proof;
      watchdog.mayRelease = report.mayRelease;
      watchdog.fedMs = nowMs;
      watchdog.nextFeedMs = nowMs;
      tell(engine, 'info', cause('watchdog-armed', describe(report)));
      break;
    case 'released':
      watchdog.state = 'off';
      watchdog.detail = 'disarmed: no service of class data runs here';
      tell(engine, 'info', cause('watchdog-released', watchdog.detail));
      break;
    case 'failed': {
      const isNews = watchdog.detail !== report.detail;
      watchdog.state = 'failed';
      watchdog.detail = report.detail;
      watchdog.nextFeedMs = Infinity;
      watchdog.retryMs = nowMs + retryAfterMs;
      if (isNews) tell(engine, 'alarm', cause('watchdog-failed', report.detail));
    }
  }
  engine.announce = true;
  markAllDirty(engine);
}

function describe(report: WatchdogReport & {readonly state: 'armed'}): string {
  const nowayout = report.mayRelease ? '' : '; it cannot be disarmed (nowayout)';
  return `armed, ${report.timeoutMs} ms, ${report.proof}: ${report.detail}${nowayout}`;
}

function tell(engine: Engine, level: 'info' | 'alarm', why: Cause): void {
  const {state, timeoutMs, proof, detail} = engine.watchdog;
  const data = {watchdog: state, timeoutMs, proof, detail};
  record(engine, {kind: 'daemon', service: null, cause: why, data});
  notice(engine, level, null, why);
}

function arm(engine: Engine, config: WatchdogConfig): void {
  engine.watchdog.state = 'arming';
  engine.watchdog.config = config;
  engine.out.push({type: 'arm-watchdog', config});
}

/**
 * The right is looked at here and again by the shell right before it feeds: a feed that comes late
 * must not stretch the time of a node whose right has ended.
 */
function feedOrFence(engine: Engine, rights: Rights): void {
  const {watchdog, nowMs} = engine;
  let untilMs = nowMs + watchdog.timeoutMs;
  watchdog.rightEndsMs = Infinity;
  for (const service of engine.services) {
    if (!isLeased(engine, service)) continue;
    const isGuarded = needsP3(service) && mayRun(engine, service);
    if (!isGuarded && !isBusy(service.state)) continue;
    const endMs = rights.untilMs(service);
    if (isForfeit(engine, service, rights)) return fence(engine, service, nowMs);
    if (nowMs >= endMs && isBusy(service.state)) return fence(engine, service, endMs);
    if (isBusy(service.state)) watchdog.rightEndsMs = Math.min(watchdog.rightEndsMs, endMs);
    if (isGuarded) untilMs = Math.min(untilMs, endMs);
  }
  if (watchdog.state !== 'armed' || nowMs < watchdog.nextFeedMs || nowMs >= untilMs) return;
  watchdog.nextFeedMs = nowMs + watchdog.timeoutMs / feedsPerTimeout;
  engine.out.push({type: 'feed-watchdog', untilMs});
}

/** `no_quorum = self-fence`: the node ends itself rather than stop what it runs. */
function isForfeit({config, nowMs}: Engine, service: ServiceRuntime, rights: Rights): boolean {
  if (config.quorum?.policy !== 'self-fence' || !isBusy(service.state)) return false;
  return nowMs >= rights.stopBeginsMs(service);
}

function fence(engine: Engine, service: ServiceRuntime, endMs: number): void {
  const overMs = Math.round(engine.nowMs - endMs);
  const why = cause(
    'self-fenced',
    `${service.config.name} is ${service.state} and the right to run it ended ${overMs} ms ago`,
  );
  const method = (engine.watchdog.config ?? configOf(engine))?.selfFence ?? 'watchdog';
  endNode(engine, service, {why, method, data: {overMs}});
}

/** Nothing is said and nothing is fed from here on (S11). */
export function endNode(
  engine: Engine,
  service: ServiceRuntime,
  end: {
    readonly why: Cause;
    readonly method: WatchdogConfig['selfFence'];
    readonly data: Readonly<Record<string, unknown>>;
  },
): void {
  const {why, method, data} = end;
  engine.fenced = why;
  engine.watchdog.nextFeedMs = Infinity;
  // Before the record: whatever the state directory does, this node must end.
  engine.out.push({type: 'self-fence', cause: why, method});
  record(engine, {
    kind: 'daemon',
    service: service.config.name,
    cause: why,
    data: {method, ...data},
  });
}

function configOf(engine: Engine): WatchdogConfig | null {
  return engine.config.watchdogs.get(engine.node) ?? null;
}

function needsP3(service: ServiceRuntime): boolean {
  const {serviceClass, nodes} = service.config;
  return nodes.length > 1 && proofRank(proofNeeded[serviceClass]) >= proofRank('P3');
}

/** A service that needs it runs, may run, or is about to start. */
function isNeeded(engine: Engine): boolean {
  if (engine.leaving === 'keeping' && engine.leaveOrder === null) return !isKeepKnown(engine);
  const unarmed = engine.watchdog.state === 'off' && configOf(engine) === null;
  return (
    !unarmed &&
    engine.services.some(
      (service) => needsP3(service) && (service.state === 'START_READY' || mayRun(engine, service)),
    )
  );
}

function isBusy(state: ServiceState): boolean {
  return (
    state === 'STARTING' || state === 'STARTED' || state === 'STOPPING' || state === 'STOP_FAILED'
  );
}

export function mayRun(engine: Engine, service: ServiceRuntime): boolean {
  const {state} = service;
  if (state === 'FROZEN_START') return !isFreezeKnown(engine, service);
  // A fresh boot runs nothing; within a boot, whatever a daemon of ours has begun may still run.
  if (state === 'UNKNOWN') {
    return service.lastAction === 'started' && service.bootId === engine.bootId;
  }
  return isBusy(state);
}

/** Nobody takes over what he has heard to be frozen while it runs, lease or not. */
function isFreezeKnown(engine: Engine, service: ServiceRuntime): boolean {
  const sequence = service.readySequence;
  const others = [...engine.peers.values()].filter(({name}) => service.config.nodes.includes(name));
  return sequence > 0 && others.every((peer) => peer.ackSequence >= sequence);
}

/** Everybody has heard that the services are kept: nobody takes them over, lease or not. */
export function isKeepKnown(engine: Engine): boolean {
  const sequence = engine.keepSequence;
  return (
    sequence > 0 &&
    [...engine.peers.values()].every((peer) => peer.left || peer.ackSequence >= sequence)
  );
}
