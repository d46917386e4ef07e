/**
 * The engine as others may see it: plain data, made on demand, safe to serialise. Status, control
 * and the simulator's checkers read this and nothing else. Ages are ms at the time of the view.
 */

import type {ServiceClass} from '../config/types.ts';
import type {ProofClass, Verdict} from '../arbitration/types.ts';
import type {PlanProgress, ServiceProbe} from '../failover/types.ts';
import type {DiskId, LinkId, NodeName, ServiceName} from '../kernel/ids.ts';
import type {Cause, ServiceState} from '../kernel/words.ts';
import type {FreezeInfo} from './types.ts';

export type NodeState = 'alive' | 'degraded' | 'silent' | 'left' | 'dead' | 'joining';
/** One direction of a medium. `unknown`: not known yet, or nobody can tell us. */
export type Direction = 'up' | 'down' | 'unknown';

export interface MediumView {
  readonly id: LinkId | DiskId;
  readonly kind: 'multicast' | 'unicast' | 'disk';
  /** `eth0:239.131.50.10:1234` or `/dev/sdb:0`, as OpenHA's `hb -s` names it. */
  readonly label: string;
  /** What is wrong with our own end, or null. */
  readonly fault: string | null;
  /** Age of our last frame or successful write on it; null: none yet. */
  readonly sentAgeMs: number | null;
  readonly peers: readonly MediumPeerView[];
}

export interface MediumPeerView {
  readonly node: NodeName;
  readonly rx: Direction;
  readonly tx: Direction;
  readonly state: 'up' | 'degraded' | 'down' | 'unknown' | 'auth' | 'held-down';
  /** Age of the last authentic frame (network) or change of the slot (disk); null: never. */
  readonly ageMs: number | null;
  readonly deadMs: number;
}

export interface NodeView {
  readonly name: NodeName;
  readonly local: boolean;
  readonly state: NodeState;
  /** Age of the present state. */
  readonly stateAgeMs: number;
  /** Age of the last sign of life; 0 for this node, null: never heard. */
  readonly heardAgeMs: number | null;
  readonly incarnation: number;
  readonly frozen: boolean;
  readonly drained: boolean;
  readonly leaving: boolean;
  readonly keeping: boolean;
  readonly configSkew: boolean;
  readonly decisionAgeMs: number;
  /** Address of the last frame and TCP port of its peer channel; null: not known. */
  readonly address: string | null;
  readonly peerPort: number;
  /** Fencing of it by this node; null: not configured. Absent in what an older daemon wrote. */
  readonly fence?: FenceView | null;
}

export interface FenceView {
  readonly state: 'none' | 'pending' | 'confirmed' | 'failed';
  /** Configured ways to switch it off. */
  readonly levels: number;
  /** What became of the last attempt: a sentence. */
  readonly detail: string;
  /** It was verified to be off and then heard. */
  readonly lied: boolean;
  /** Age of the state; null: there was no attempt. */
  readonly ageMs: number | null;
}

export interface InstanceView {
  readonly node: NodeName;
  readonly state: ServiceState;
  /** Age of the state as known here. */
  readonly stateAgeMs: number;
  readonly epoch: number;
  readonly owner: boolean;
  /** Only for the own instance. */
  readonly local: LocalInstanceView | null;
}

export interface LocalInstanceView {
  readonly cause: Cause;
  /** What it waits for, or null where there is nothing to wait for. */
  readonly waiting: Cause | null;
  /** ms until the wait is looked at again by time; null: not by time. */
  readonly waitMs: number | null;
  readonly verdicts: readonly VerdictView[];
  readonly freeze: FreezeInfo | null;
  readonly probe: ServiceProbe | null;
  readonly probeAgeMs: number | null;
  /** False where the resources can not be asked: the state is the journal's word. */
  readonly verified: boolean;
  readonly progress: PlanProgress | null;
  /** Age and budget of the running plan. */
  readonly planAgeMs: number | null;
  readonly planBudgetMs: number | null;
}

export interface VerdictView {
  readonly node: NodeName;
  readonly verdict: Verdict;
  readonly ageMs: number;
}

export interface ServiceView {
  readonly name: ServiceName;
  readonly serviceClass: ServiceClass;
  readonly orchestrate: 'ha' | 'start' | 'no';
  readonly nodes: readonly NodeName[];
  /** Node that runs it as far as known here, or null. */
  readonly owner: NodeName | null;
  readonly epoch: number;
  readonly frozen: boolean;
  readonly avail: 'up' | 'down' | 'warn' | 'n/a';
  readonly instances: readonly InstanceView[];
}

/** Could the other node's services be taken over right now if it died? */
export interface TakeoverView {
  readonly possible: boolean;
  /** `disk lease`, `none` ... */
  readonly source: string;
  readonly proof: ProofClass;
  /** From the death of a node until the start command is issued, at worst; null: not by itself. */
  readonly worstMs: number | null;
}

export interface EngineView {
  readonly cluster: string;
  readonly node: NodeName;
  readonly nowMs: number;
  readonly incarnation: number;
  readonly configDigest: string;
  readonly takeover: TakeoverView;
  readonly nodes: readonly NodeView[];
  readonly media: readonly MediumView[];
  readonly services: readonly ServiceView[];
  /** Standing conditions, worst first: JEOPARDY, DUAL_ACTIVE, CONFIG_SKEW, PERSIST_FAILED ... */
  readonly alarms: readonly AlarmView[];
  readonly drops: Readonly<Record<string, number>>;
  readonly stalls: {
    readonly count: number;
    readonly lastAgeMs: number | null;
    readonly worstMs: number;
  };
  /** Absent in what an older daemon wrote down. */
  readonly watchdog?: WatchdogView;
  /** Null where this node has no ping targets; absent in what an older daemon wrote down. */
  readonly ping?: PingView | null;
  /** Absent where none is configured, and in what an older daemon wrote down. */
  readonly arbiter?: ArbiterView;
  readonly clusterFrozen: FreezeInfo | null;
  readonly nodeFrozen: FreezeInfo | null;
  readonly joining: boolean;
}

/** The watchdog of the node that the view comes from. */
export interface WatchdogView {
  readonly mode: 'off' | 'automatic' | 'required';
  readonly state: 'off' | 'arming' | 'armed' | 'releasing' | 'failed';
  readonly device: string | null;
  /** Read back from the driver; null where it is not armed. */
  readonly timeoutMs: number | null;
  /** What a lease with it is worth to the others; null: not known. */
  readonly proof: 'P2' | 'P3' | null;
  readonly detail: string;
  /** Age of the last feed; null: none. */
  readonly fedAgeMs: number | null;
  readonly selfFence: 'watchdog' | 'sysrq' | 'reboot' | 'exit' | null;
}

/** The ping targets of the node that the view comes from. */
export interface PingView {
  readonly needed: number;
  readonly reachable: boolean;
  /** Why nothing can be asked; null: it can. */
  readonly fault: string | null;
  readonly targets: readonly {
    readonly address: string;
    readonly answers: boolean;
    /** Since the last question that was answered; null: none yet. */
    readonly ageMs: number | null;
  }[];
}

/** The arbiter as the node knows it from which the view comes. */
export interface ArbiterView {
  readonly id: string;
  /** `held`: its lease is ours; `none`: it answers, we hold none; `failed`: no usable answer. */
  readonly state: 'held' | 'none' | 'failed';
  readonly detail: string;
  /** How long our lease still counts; null: none. */
  readonly leftMs: number | null;
  readonly ttlMs: number;
  /** Age of the last question that was answered; null: none was. */
  readonly answeredAgeMs: number | null;
  readonly revision: number;
  readonly nodes: readonly {
    readonly node: NodeName;
    readonly lease: 'held' | 'none' | 'marked-out' | 'never-seen';
  }[];
}

export interface AlarmView {
  readonly code: string;
  readonly severity: 'warning' | 'critical';
  readonly text: string;
  /** Commands that leave the condition, ready to type. */
  readonly remedies: readonly string[];
  readonly ageMs: number;
}
