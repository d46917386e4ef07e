/**
 * The border of the functional core: `step(engine, input, nowMs) -> effects`. The daemon, the
 * simulator and the replay are three drivers of this one function.
 */

import type {ArbiterAnswer, ArbiterQuestion} from '../arbitration/arbiter.ts';
import type {WatchdogReport} from '../arbitration/watchdog.ts';
import type {ClusterConfig, WatchdogConfig} from '../config/types.ts';
import type {
  ActionPlan,
  FenceReport,
  PlanId,
  PlanOutcome,
  PlanProgress,
  ServiceProbe,
} from '../failover/types.ts';
import type {DiskId, LinkId, NodeName, ServiceName} from '../kernel/ids.ts';
import type {Cause, ServiceState} from '../kernel/words.ts';

/** Who, from when, until when, why: a freeze as it is kept and shown. */
export interface FreezeInfo {
  readonly by: string;
  readonly why: string;
  /** RFC 3339, for people. */
  readonly since: string;
  /** Monotonic ms of this daemon's clock at which it ends by itself; null: until lifted. */
  readonly untilMs: number | null;
  /** The same instant for people and for the next daemon; null with untilMs. */
  readonly until: string | null;
}

/** What a service's instance must remember over a restart. It only ever makes us more careful. */
export interface ServiceFacts {
  /** Highest epoch that this node ever saw for the service. */
  readonly epoch: number;
  /** True where this node made that epoch. */
  readonly owner: boolean;
  /** `stop`, `start`: FROZEN_STOP or FROZEN_START; null: not frozen. */
  readonly frozen: 'stop' | 'start' | null;
  readonly freeze: FreezeInfo | null;
  /** A latched failure. */
  readonly failed: 'start' | 'stop' | null;
  /** Last action that was completed here, for what can not be probed, and in which boot. */
  readonly lastAction: 'started' | 'stopped' | null;
  readonly bootId: string;
  /**
   * A plan that has begun and of whose end nothing is known yet. Its scripts outlive the daemon, so
   * the next daemon of the same boot must not believe what it finds before they have ended.
   */
  readonly underWay: 'start' | 'stop' | null;
  /** A peer's instance that nobody may take over from, as last heard: frozen running, or stuck. */
  readonly peerLatch: PeerLatch | null;
}

export interface PeerLatch {
  readonly node: NodeName;
  readonly state: 'FROZEN_START' | 'STOP_FAILED';
}

/** Everything durable that the engine starts from. Missing services start with no facts. */
export interface DurableFacts {
  readonly services: ReadonlyMap<ServiceName, ServiceFacts>;
  readonly node: NodeFacts;
}

export interface NodeFacts {
  readonly frozen: FreezeInfo | null;
  readonly drained: FreezeInfo | null;
  /** Cluster-wide freeze as this node knows it. */
  readonly clusterFrozen: FreezeInfo | null;
  /** Nodes whose fencing is remembered. */
  readonly fences: readonly FenceFact[];
  /** Of each other node, as last heard; at most one entry each. */
  readonly peers: readonly PeerFacts[];
}

/** What keeps a node from being fenced without an order, over a restart too. */
export interface FenceFact {
  readonly node: NodeName;
  /** It was verified to be off and was heard after that: its device is not believed. */
  readonly lied: boolean;
  /** It was fenced without an order within the damping window. */
  readonly spent: boolean;
}

/** What must be known of another node though this daemon was restarted since it was said. */
export interface PeerFacts {
  readonly node: NodeName;
  /** Its last life that was heard of, and the frame of that life which said what matters. */
  readonly incarnation: number;
  readonly sequence: number;
  /** RFC 3339: it left its services running in that life, to come back until then. */
  readonly keepingUntil: string | null;
}

/** What an operator, a peer or a hook asks for. `actor` is `user@tty`, `peer node2`, ... */
export type Command =
  | {readonly verb: 'start' | 'stop' | 'restart'; readonly service: ServiceName}
  /** Planned move; the owner executes it. `to` null: the best placed other node. */
  | {readonly verb: 'switch'; readonly service: ServiceName; readonly to: NodeName | null}
  | {readonly verb: 'takeover'; readonly service: ServiceName}
  | {readonly verb: 'freeze'; readonly scope: Scope; readonly freeze: FreezeInfo}
  | {readonly verb: 'unfreeze'; readonly scope: Scope}
  | {
      readonly verb: 'freeze-stop' | 'freeze-start';
      readonly service: ServiceName;
      readonly freeze: FreezeInfo;
    }
  | {readonly verb: 'clear'; readonly service: ServiceName; readonly confirmStopped: boolean}
  | {readonly verb: 'declare'; readonly service: ServiceName; readonly running: boolean}
  | {readonly verb: 'drain'; readonly freeze: FreezeInfo}
  | {readonly verb: 'undrain'}
  | {readonly verb: 'confirm-dead'; readonly node: NodeName}
  /** Switch that node off, now. */
  | {readonly verb: 'fence'; readonly node: NodeName}
  | {readonly verb: 'probe'; readonly service: ServiceName}
  /**
   * SIGTERM: stop everything, say goodbye. `keep`: announce maintenance, leave services running.
   */
  | {readonly verb: 'shutdown'; readonly keep: boolean; readonly keepMs: number};

export type Scope =
  | {readonly kind: 'service'; readonly service: ServiceName}
  | {readonly kind: 'node'}
  | {readonly kind: 'cluster'};

export type Input =
  /** Bytes as they came from the wire, and the address they came from. */
  | {
      readonly type: 'packet';
      readonly link: LinkId;
      readonly bytes: Uint8Array;
      readonly from: string;
    }
  /** The peer's slot as just read; `readMs` is when the read was issued. */
  | {
      readonly type: 'slot';
      readonly disk: DiskId;
      readonly node: NodeName;
      readonly bytes: Uint8Array;
    }
  /** Our own end of a link: null is in order, text says what is wrong with it. */
  | {readonly type: 'link-state'; readonly link: LinkId; readonly fault: string | null}
  /** Our own disk I/O: success with the time it was issued, or what failed. */
  | {
      readonly type: 'disk-state';
      readonly disk: DiskId;
      readonly action: 'read' | 'write';
      readonly issuedMs: number;
      readonly fault: string | null;
    }
  | {readonly type: 'tick'}
  /** The shell has emptied its sockets after a `drain` effect. */
  | {readonly type: 'drained'}
  | {
      readonly type: 'command';
      readonly id: number;
      readonly command: Command;
      readonly actor: string;
    }
  | {readonly type: 'plan-progress'; readonly progress: PlanProgress}
  | {
      readonly type: 'plan-result';
      readonly plan: PlanId;
      readonly service: ServiceName;
      readonly outcome: PlanOutcome;
    }
  | {readonly type: 'probe-result'; readonly service: ServiceName; readonly probe: ServiceProbe}
  /**
   * What became of the actions of a former daemon of this boot; more may follow a `lingers`.
   */
  | {
      readonly type: 'leftover';
      readonly service: ServiceName;
      /** All `gone`: they had ended by themselves. `ended`: at least one was cut short here. */
      readonly state: 'gone' | 'ended' | 'lingers';
      /** For `lingers`: what, and why. */
      readonly detail: string;
    }
  | {readonly type: 'watchdog'; readonly report: WatchdogReport}
  | {
      readonly type: 'fence-result';
      readonly node: NodeName;
      readonly attempt: number;
      readonly report: FenceReport;
    }
  /** Answers of ping targets, each with the time of its question; and why none can be asked. */
  | {
      readonly type: 'pinged';
      readonly answers: readonly {readonly target: string; readonly askedMs: number}[];
      readonly fault: string | null;
    }
  /** To an `ask-arbiter`: one for each, also where there was no answer. */
  | {readonly type: 'arbiter-answer'; readonly answer: ArbiterAnswer}
  /** A record or a durable fact could not be written (true), or can be again (false). */
  | {readonly type: 'storage-state'; readonly failed: boolean; readonly detail: string}
  /** A new configuration, already checked; unchanged services keep running undisturbed. */
  | {readonly type: 'reload'; readonly config: ClusterConfig};

/** One line of the journal before the journal numbers, dates and chains it. */
export interface RecordEntry {
  readonly kind:
    | 'transition'
    | 'verdict'
    | 'plan'
    | 'plan-end'
    | 'step'
    | 'command'
    | 'fence'
    | 'peer'
    | 'link'
    | 'stall'
    | 'config'
    | 'daemon'
    | 'alarm';
  readonly service: ServiceName | null;
  readonly node: NodeName;
  /** Monotonic ms of the engine when it decided. */
  readonly atMs: number;
  readonly cause: Cause;
  /** Plain data: from, to, epoch, clauses, evidence, plan ... */
  readonly data: Readonly<Record<string, unknown>>;
}

/** Final answer to a command. `exit` as in docs/exit-codes.md. */
export interface Answer {
  readonly exit: number;
  readonly text: string;
  /** Node that should have been asked instead (planned verbs are executed by the owner). */
  readonly askNode: NodeName | null;
}

export type NoticeLevel = 'info' | 'warning' | 'alarm';

export type Effect =
  /** MUST be durable BEFORE any later effect of the same batch; a failure drops the rest of it. */
  | {readonly type: 'record'; readonly entry: RecordEntry}
  /** Same contract as record: durable before what follows. */
  | {readonly type: 'persist-service'; readonly service: ServiceName; readonly facts: ServiceFacts}
  | {readonly type: 'persist-node'; readonly facts: NodeFacts}
  | {readonly type: 'send'; readonly link: LinkId; readonly bytes: Uint8Array}
  /** Not to be written any more once one of a higher sequence was: what waited is old by then. */
  | {
      readonly type: 'write-slot';
      readonly disk: DiskId;
      readonly bytes: Uint8Array;
      readonly sequence: number;
    }
  | {readonly type: 'probe'; readonly service: ServiceName}
  | {readonly type: 'run-plan'; readonly plan: ActionPlan}
  /** End the running plan of the service: its undo still runs. */
  | {readonly type: 'abort-plan'; readonly plan: PlanId; readonly service: ServiceName}
  /** Empty the sockets, then give the input `drained`. */
  | {readonly type: 'drain'}
  | {
      readonly type: 'notice';
      readonly level: NoticeLevel;
      readonly service: ServiceName | null;
      readonly cause: Cause;
    }
  /** A line for whoever waits for the command. */
  | {readonly type: 'progress'; readonly id: number; readonly text: string}
  | {readonly type: 'reply'; readonly id: number; readonly answer: Answer}
  /** All is stopped (or kept) and the goodbye was sent: the process may end. */
  | {readonly type: 'exit'; readonly code: number}
  /** Open it, set and read back its time-out; answered by the input `watchdog`. */
  | {readonly type: 'arm-watchdog'; readonly config: WatchdogConfig}
  /** Only before this instant of the monotonic clock: then the right that it rests on ends. */
  | {readonly type: 'feed-watchdog'; readonly untilMs: number}
  | {readonly type: 'release-watchdog'}
  /** Switch that node off, by its levels in order; answered by the input `fence-result`. */
  | {readonly type: 'fence'; readonly node: NodeName; readonly attempt: number}
  /** Answered by the input `arbiter-answer`, within the deadline of the configuration. */
  | {readonly type: 'ask-arbiter'; readonly id: number; readonly question: ArbiterQuestion}
  /** End this node, now. */
  | {
      readonly type: 'self-fence';
      readonly cause: Cause;
      readonly method: WatchdogConfig['selfFence'];
    };

/** States in which a script of ours runs or may run. */
export const activeStates: readonly ServiceState[] = [
  'STARTING',
  'STARTED',
  'STOPPING',
  'STOP_FAILED',
  'FROZEN_START',
];
