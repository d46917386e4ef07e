/**
 * Everything the engine remembers. Only files of this room change it, and only inside `step`. Other
 * rooms see it through `view`.
 */

import type {Verdict} from '../arbitration/types.ts';
import type {ClusterConfig, MonitorAction, ServiceConfig} from '../config/types.ts';
import type {PlanProgress, ServiceProbe} from '../failover/types.ts';
import type {ServiceActor} from '../fsm/service-machine.ts';
import type {ServiceEvent, ServiceIntent} from '../fsm/types.ts';
import type {Authenticator} from '../heartbeat/types.ts';
import type {PeerView} from '../heartbeat/peer-view.ts';
import type {DiskId, LinkId, NodeName, ResourceId, ServiceName} from '../kernel/ids.ts';
import type {Cause, ServiceState} from '../kernel/words.ts';
import type {FenceRuntime} from './fencing.ts';
import type {ArbiterRuntime} from './arbiter.ts';
import type {LeftoverRuntime} from './leftovers.ts';
import type {Effect, FreezeInfo, Input, NodeFacts, PeerLatch, ServiceFacts} from './types.ts';
import type {Witness} from './quorum.ts';
import type {PingRuntime} from './ping.ts';
import type {AlarmView, NodeState} from './view.ts';
import type {WatchdogRuntime} from './watchdog.ts';

/** Copies of a changed claim that go ahead of the rotation: 0, 5 and 20 ms. */
export const announceCopies = 3;

/** A peer's word about one service. */
export interface PeerClaim {
  readonly state: ServiceState;
  readonly epoch: number;
  readonly owner: boolean;
  readonly handTo: number;
  readonly sinceMs: number;
}

export interface PeerRuntime {
  readonly name: NodeName;
  readonly hash: number;
  state: NodeState;
  stateSinceMs: number;
  /** 0 until the first accepted frame of any life. */
  incarnation: number;
  /** The goodbye of its last life was heard. */
  left: boolean;
  keepingUntilMs: number | null;
  confirmedDead: {readonly by: string; readonly atMs: number} | null;
  readonly fence: FenceRuntime;
  frozen: boolean;
  drained: boolean;
  unfit: boolean;
  leaving: boolean;
  decisionAgeMs: number;
  configDigest: string;
  leaseMs: number;
  watchdogMs: number;
  peerPort: number;
  address: string | null;
  /** Highest sequence of ours that it has acknowledged in this life of ours, on any medium. */
  ackSequence: number;
  /** Highest sequence whose claims were applied: older copies on slower links change nothing. */
  appliedSequence: number;
  /** A medium is fresh and echoes us: it hears us, we hear it. */
  proven: boolean;
  /** Heard and proven at least once since this daemon started. */
  heardThisLife: boolean;
  claimsTotal: number;
  claimsDigest: number;
  /** What it has heard of the others in this life. */
  readonly witness: Map<NodeName, Witness>;
  /** When its present life was first heard. */
  lifeSinceMs: number;
  readonly claims: Map<ServiceName, PeerClaim>;
  /** All claims of its present state are known here. */
  complete: boolean;
}

export interface ServiceRuntime {
  config: ServiceConfig;
  index: number;
  readonly hash: number;
  actor: ServiceActor;
  state: ServiceState;
  sinceMs: number;
  cause: Cause;
  /** Highest epoch known, and whether this node made it. */
  epoch: number;
  owner: boolean;
  /**
   * The right to run it had ended when a stall was over. What is heard before this service is
   * looked at gives a right from now on, and none for the time in which a peer may have taken over.
   */
  rightLost: boolean;
  waiting: Cause | null;
  waitUntilMs: number | null;
  /** The last verdict on each other node, for the journal and `ha explain`. */
  readonly verdicts: Map<NodeName, {readonly verdict: Verdict; readonly atMs: number}>;
  freeze: FreezeInfo | null;
  failed: 'start' | 'stop' | null;
  failedUntilMs: number | null;
  lastAction: 'started' | 'stopped' | null;
  bootId: string;
  peerLatch: PeerLatch | null;
  plan: RunningPlan | null;
  /** What the last daemon of this boot had begun: until then its scripts may still be running. */
  interrupted: {
    readonly kind: 'start' | 'stop';
    readonly untilMs: number;
    /** Its script did not come to its own end: it was killed after its daemon. */
    readonly isCut: boolean;
  } | null;
  /** An action of a former daemon that may still run. */
  leftover: LeftoverRuntime | null;
  planCount: number;
  progress: PlanProgress | null;
  probe: ServiceProbe | null;
  probeAtMs: number | null;
  probing: boolean;
  nextProbeMs: number | null;
  /** Restarts in place since its last start: how many, and when the last one was. */
  readonly restarts: Map<ResourceId, {readonly count: number; readonly atMs: number}>;
  /** What follows if the stop that a monitor action asked for fails. */
  fallback: MonitorAction | null;
  /** START_READY, FROZEN_START: the first of our sequences that told of it (0: not sent yet). */
  readySequence: number;
  /** The first of our sequences that told of the present state, or of its start; 0: none did. */
  toldSequence: number;
  /** Planned hand-over by us: node index + 1 and when we stop waiting for it. */
  handTo: number;
  handUntilMs: number | null;
  /** An operator ordered a start here: rank and orchestration do not matter. */
  ordered: 'start' | 'takeover' | 'restart' | null;
  /** After the next start succeeds, rest in FROZEN_START. */
  freezeAfterStart: FreezeInfo | null;
  takenOverAtMs: number | null;
  dual: boolean;
  dirty: boolean;
  /** What was last made durable, to write only what changed. */
  persisted: string;
  /** Copies of the present state still to be announced ahead of the rotation. */
  announceLeft: number;
  autostarted: boolean;
}

export interface RunningPlan {
  readonly id: string;
  readonly kind: 'start' | 'stop';
  readonly startedMs: number;
  readonly budgetMs: number;
  /** A restart of failed resources in place: the state stays STARTED. */
  readonly repair: boolean;
  /** Ended early: what it has touched is being undone. */
  readonly aborted: boolean;
}

/** Somebody waits for the end of a command. */
export interface Order {
  readonly id: number;
  readonly verb: string;
  readonly service: ServiceName;
  readonly actor: string;
  readonly startedMs: number;
  readonly deadlineMs: number;
  readonly target: NodeName | null;
  /** Epoch at the time of the order: an owner with a higher one has started since. */
  readonly epoch: number;
}

export interface MediumRuntime {
  readonly id: LinkId | DiskId;
  readonly kind: 'link' | 'disk';
  readonly hash: number;
  fault: string | null;
  sentMs: number | null;
  /** Disk: when our last successful write and read were issued; when a read last began failing. */
  writeMs: number | null;
  readMs: number | null;
  /** When we began to use it: until the first write, the right counts from here. */
  readonly bornMs: number;
  /** Since when we watch it without interruption. */
  watchedSinceMs: number;
  nextWriteMs: number;
}

export interface Engine {
  config: ClusterConfig;
  readonly node: NodeName;
  readonly hash: number;
  readonly incarnation: number;
  readonly nonce: number;
  readonly bootId: string;
  readonly auth: Authenticator;
  readonly wallOffsetMs: number;
  readonly startedMs: number;
  nowMs: number;
  /** When the next tick was asked for: later than this by stallMs is a stall. */
  dueMs: number;
  peerView: PeerView;
  /** When this view of the peers was made: at the start, or by a reload. */
  viewSinceMs: number;
  readonly peers: Map<NodeName, PeerRuntime>;
  readonly peersByHash: Map<number, PeerRuntime>;
  media: MediumRuntime[];
  services: ServiceRuntime[];
  readonly byName: Map<ServiceName, ServiceRuntime>;
  readonly byHash: Map<number, ServiceRuntime>;
  sequence: number;
  nextBeatMs: number;
  /** Extra beats after a change: due times, ascending. */
  burst: number[];
  announce: boolean;
  /** A peer lacks states of ours ... */
  wanted: boolean;
  /** ... and is answered from this time on. */
  answerFromMs: number;
  rotation: number;
  /** Digest of our own claims; null: to be computed again. */
  claimsDigest: number | null;
  /** Earliest time at which a service waits for time; Infinity: none. */
  serviceDueMs: number;
  /** Earliest time at which a peer's health changes by time alone. */
  peerDueMs: number;
  readonly intents: ServiceIntent[];
  /** Events that a turn caused itself; drained before the turn ends. */
  readonly internal: {readonly service: ServiceRuntime; readonly event: ServiceEvent}[];
  readonly dirty: ServiceRuntime[];
  readonly orders: Map<number, Order>;
  facts: NodeFacts;
  /**
   * What is durable of every service ever known: one that comes back in a reload keeps its epoch.
   */
  readonly storedFacts: Map<ServiceName, ServiceFacts>;
  leaving: 'no' | 'stopping' | 'keeping' | 'gone';
  /** How long the peers are asked to wait while the services are kept, ms. */
  keepMs: number;
  leaveOrder: {readonly id: number; readonly deadlineMs: number} | null;
  goodbyesLeft: number;
  /** `keep`: the first of our sequences that said so; 0: none. */
  keepSequence: number;
  readonly watchdog: WatchdogRuntime;
  readonly ping: PingRuntime;
  arbiter: ArbiterRuntime;
  /** Why this node has decided to end itself; it says and does nothing any more. */
  fenced: Cause | null;
  storageFault: string | null;
  draining: boolean;
  /** Services at the head of `dirty` that nobody has looked at since the last stall. */
  reviewLeft: number;
  /**
   * Commands and ends of plans that came while a stall was being cleared up, in their order: they
   * count once every service was looked at, so that none of them goes before a right that was lost.
   */
  readonly deferred: (Input & {readonly type: 'command' | 'plan-result'})[];
  stallCount: number;
  /** When the present or last stall began: the tick that did not come. */
  stallSinceMs: number;
  stallLastMs: number | null;
  stallWorstMs: number;
  /** Until then, right after a stall, nothing is accused or started. */
  unfitUntilMs: number;
  duplicateNode: boolean;
  readonly alarms: Map<string, AlarmView & {readonly sinceMs: number}>;
  out: Effect[];
}

/** RFC 3339 of an engine time, for people. */
export function dateOf(engine: Engine, atMs: number): string {
  return new Date(engine.wallOffsetMs + atMs).toISOString();
}

export function claimOf(service: ServiceRuntime, peer: PeerRuntime): PeerClaim | undefined {
  return peer.claims.get(service.config.name);
}

/** Age of the last sign of life on any medium, ms; null: none in this life of ours. */
export function heardAgeMs({media, peerView, nowMs}: Engine, peer: PeerRuntime): number | null {
  const ages = media
    .map(({id}) => peerView.health(peer.name, id, nowMs).ageMs)
    .filter((ageMs) => ageMs !== null);
  return ages.length === 0 ? null : Math.min(...ages);
}

export function markDirty(engine: Engine, service: ServiceRuntime): void {
  if (service.dirty) return;
  service.dirty = true;
  engine.dirty.push(service);
}

export function markAllDirty(engine: Engine): void {
  for (const service of engine.services) markDirty(engine, service);
}
