/**
 * The checked, frozen configuration that every other room receives. Nothing here is optional by
 * accident: defaults are filled in by the parser, so that a reader never has to know one.
 * All durations are in milliseconds.
 */

import type {DiskId, LinkId, NodeName, ServiceName} from '../kernel/ids.ts';
import type {Inequality} from './inequalities.ts';
import type {AgentFact} from './ocf/check-host.ts';
import type {ResourceConfig} from './resources/table.ts';

import type {UnitFact} from './units.ts';

export type {ResourceConfig};

/** Where a value was written, for messages: file as given, line counted from 1 (0: whole file). */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** One thing that is wrong or doubtful. `error` refuses the configuration, the others do not. */
export interface Finding extends Place {
  readonly severity: 'error' | 'warning' | 'note';
  /** Stable code, `HA_CONF_...`, listed in docs/errors.md. */
  readonly code: string;
  /** Expected and found, in one sentence. */
  readonly message: string;
  /** What to write or type. */
  readonly hint: string;
}

/** The proof a takeover of a service needs (SAFETY.md, section 2), weakest first. */
export const serviceClasses = ['none', 'address', 'exclusive', 'data'] as const;
export type ServiceClass = (typeof serviceClasses)[number];

/** Cluster-wide timing. The inequalities I1-I16 are checked over these numbers. */
export interface Timing {
  /** Beat: each link sends one frame per interval. Default 1,000; fast profile 200. */
  readonly beatMs: number;
  /** A link without an authentic frame for this long is down. Default 5,000; fast profile 1,000. */
  readonly deadMs: number;
  /** Bound of network and queueing delay that the inequalities assume. Default 50. */
  readonly delayMs: number;
  /** A gap between two turns of the loop above this is a stall. Default: one beat. */
  readonly stallMs: number;
  /** START_READY grace G, computed: 2 x beat + delay + stall (I7). */
  readonly graceMs: number;
  /** One automatic takeover per service in this window, then it latches. Default 300,000. */
  readonly dampingMs: number;
  /** A link that flaps is held down this long at most (doubling from 3 beats). Default 60,000. */
  readonly holdDownMsMax: number;
  /** Clock rate error between two nodes, as a fraction. Default 0.0005. */
  readonly clockErrorRatio: number;
}

/** An address and UDP port. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** One node's end of a network link. */
export interface LinkEnd {
  /** Interface name for multicast and carrier, or null: the routing table decides. */
  readonly iface: string | null;
  /** Own address on the link, or null: taken from the interface. */
  readonly address: string | null;
  /** Sockets to open for receiving. For multicast the address is the group. */
  readonly listen: readonly Endpoint[];
  /** Where this node's frames go. */
  readonly sendTo: readonly Endpoint[];
}

/** A heartbeat link over the network, seen from all its nodes. */
export interface LinkConfig {
  readonly id: LinkId;
  readonly kind: 'multicast' | 'unicast';
  /** Silence that makes this link down; OpenHA's TIMEOUT, else Timing.deadMs. */
  readonly deadMs: number;
  /** Multicast time to live, 1 to 255. */
  readonly ttl: number;
  /** True where the group loops back to this host: only for two daemons on one machine. */
  readonly loopback: boolean;
  readonly ends: ReadonlyMap<NodeName, LinkEnd>;
  readonly place: Place;
}

/** A shared disk with one slot per node, and the lease that rests on it (facts: I2-I5). */
export interface DiskConfig {
  readonly id: DiskId;
  /** Device or file, absolute. */
  readonly device: ReadonlyMap<NodeName, string>;
  /** First 512-byte block of each node's slot. */
  readonly slotBlock: ReadonlyMap<NodeName, number>;
  /** Blocks of 512 bytes per slot: one liveness record and the rest state pages. At least 1. */
  readonly slotBlocks: number;
  /** Longest time one read or write may take before the disk counts as failed (D). */
  readonly ioMs: number;
  /** Time between two writes of the own slot (R). */
  readonly renewMs: number;
  /** A slot unchanged for this long is a silent link. */
  readonly deadMs: number;
  /** Right to run that a successful write gives, from when it was issued (L). */
  readonly leaseMs: number;
  /** How long a contender waits after the last change that it saw (W, inequality I5). */
  readonly waitMs: number;
  readonly place: Place;
}

/** How a node is reset when it does not keep its promises, and how it ends itself. */
export interface WatchdogConfig {
  /** `automatic`: used where it works; `required`: class data does not start without it. */
  readonly mode: 'automatic' | 'required';
  readonly device: string;
  /** Time without a feed after which the node is reset (T), as asked of the driver. */
  readonly timeoutMs: number;
  /**
   * What the operator vouches for: `no-vm-pause`: this virtual machine is never paused;
   * `external-watchdog`: whoever reads the device resets the node in real time.
   */
  readonly assume: 'nothing' | 'no-vm-pause' | 'external-watchdog';
  readonly selfFence: 'watchdog' | 'sysrq' | 'reboot' | 'exit';
  readonly place: Place;
}

/** Who switches a node off: an agent (FenceAgentAPI), or programs of the site. */
export type FenceMethod =
  | {
      readonly kind: 'agent';
      /** A name for our fixed PATH, or an absolute path. */
      readonly agent: string;
      /** Given on standard input. Secrets among them are shown nowhere. */
      readonly parameters: ReadonlyMap<string, string>;
      /** Its first line is given as `password`; read at every use. */
      readonly passwordFile: string | null;
    }
  | {
      readonly kind: 'command';
      readonly off: readonly string[];
      /** 0 on, 2 off, anything else unknown; null: the exit code of `off` is believed. */
      readonly status: readonly string[] | null;
    };

/** One way to switch a node off. */
export interface FenceConfig {
  /** Who is switched off. */
  readonly node: NodeName;
  /** 1 is tried first. */
  readonly level: number;
  readonly method: FenceMethod;
  /** `reboot`: off, verified, then on again. */
  readonly action: 'off' | 'reboot';
  /** Of one try: off and verified. */
  readonly timeoutMs: number;
  /** Further tries of this level. */
  readonly retries: number;
  /** How long others wait before they fence a node that runs more than they do; null: computed. */
  readonly delayMs: number | null;
  readonly place: Place;
}

/** Files and names with which one node proves to the arbiter who it is; null: not used. */
export interface ArbiterFiles {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  readonly user: string | null;
  readonly password: string | null;
}

/** A third party that every node obeys: it gives one lease per node. */
export interface ArbiterConfig {
  /** `arbitrator#1`. */
  readonly id: string;
  readonly kind: 'etcd';
  /** Client URLs of its members, tried in this order. */
  readonly endpoints: readonly string[];
  /** What all keys begin with, without a slash at its end. */
  readonly prefix: string;
  /** Lease of a node, from when its renewal was issued (TTL). */
  readonly ttlMs: number;
  /** Time between two renewals. */
  readonly renewMs: number;
  /** Longest time that one question may take, over all endpoints together. */
  readonly timeoutMs: number;
  readonly files: ReadonlyMap<NodeName, ArbiterFiles>;
  readonly place: Place;
}

/** OpenSVC's words. `crash`: an immediate reset; `reboot`: an immediate reboot. */
export const monitorActionWords = ['none', 'freezestop', 'switch', 'reboot', 'crash'] as const;
export type MonitorAction = (typeof monitorActionWords)[number];

export interface ServiceConfig {
  readonly name: ServiceName;
  /** Nodes in order of preference. OpenHA: primary, secondary. */
  readonly nodes: readonly NodeName[];
  readonly serviceClass: ServiceClass;
  /** `ha`: the daemon decides; `start`: only at daemon start; `no`: only by command. */
  readonly orchestrate: 'ha' | 'start' | 'no';
  /** In the order of their start. */
  readonly resources: readonly ResourceConfig[];
  /** Time between two probes of a running service; 0: none. */
  readonly monitorMs: number;
  /** Restarts of a failed resource in place before the service is given up here. */
  readonly restarts: number;
  /** How long a failed start is remembered here before it may be tried again; 0: until cleared. */
  readonly failureMemoryMs: number;
  /**
   * What follows when a resource is down beyond its restarts, and what if the stop of that fails;
   * empty: `switch`.
   */
  readonly monitorActions: readonly MonitorAction[];
  /** `openha`: from the `services` file, starts its life frozen; `service`: from SERVICE.conf. */
  readonly origin: 'openha' | 'service';
  /** Digest of what must agree on all nodes. */
  readonly digest: string;
  readonly place: Place;
}

/** Addresses outside of the cluster that show whether it is this node that is cut off. */
export interface PingConfig {
  /** IPv4, 1 to 8, each once. */
  readonly targets: readonly string[];
  /** So many of them must answer, or this node counts as cut off. */
  readonly needed: number;
  /** Time between two questions. An answer counts for three of them, from when it was asked. */
  readonly intervalMs: number;
  readonly place: Place;
}

export interface QuorumConfig {
  /** What becomes of leased services without a majority. */
  readonly policy: 'freeze' | 'stop' | 'self-fence';
  /** Nodes of a majority. */
  readonly needed: number;
  /** How long a node runs them after a majority last answered it; null: it is not bound. */
  readonly leaseMs: number | null;
  /** How long a majority must not have heard a node before it has stopped, ms. */
  readonly waitMs: number;
}

export interface ClusterConfig {
  readonly name: string;
  readonly nodes: readonly NodeName[];
  /** `proven`: takeovers as the classes say; `manual`: never by itself. */
  readonly takeover: 'proven' | 'manual';
  /** A living node that could not stop a service: it is fenced, or it waits for a person. */
  readonly stopFailed: 'fence' | 'latch';
  readonly timing: Timing;
  readonly links: readonly LinkConfig[];
  readonly disks: readonly DiskConfig[];
  readonly services: readonly ServiceConfig[];
  /** Nodes that use their watchdog; the others have the mode `off`. */
  readonly watchdogs: ReadonlyMap<NodeName, WatchdogConfig>;
  /** Ways to switch nodes off, by node and level. */
  readonly fences: readonly FenceConfig[];
  /** Nodes that ask ping targets. */
  readonly pings: ReadonlyMap<NodeName, PingConfig>;
  /** The arbiter, or null where none is named. */
  readonly arbiter: ArbiterConfig | null;
  /** Node majority; null: being more means nothing. */
  readonly quorum: QuorumConfig | null;
  /** TCP port of the peer channel, per node. */
  readonly peerPort: ReadonlyMap<NodeName, number>;
  /** OpenHA's FREEZE_SERVICE_SECONDARY_INSTANCE_ON_START. */
  readonly freezeSecondaryOnStart: boolean;
  /** Digest of all safety keys of cluster and services: compared through the heartbeat. */
  readonly digest: string;
}

/** What a read of the directory gave: findings always, a config when none is an error. */
export interface ConfigOutcome {
  readonly config: ClusterConfig | null;
  readonly findings: readonly Finding[];
  /** Of what was read, also where it is refused: which inequality breaks, and by how much. */
  readonly inequalities: readonly Inequality[];
}

/** The files as read by the shell; the parser itself touches no disk. */
export interface ConfigFiles {
  /** Name relative to the configuration directory -> content. `SERVICE.d/` as `SERVICE.d/NAME`. */
  readonly texts: ReadonlyMap<string, string>;
  /** Facts about files and devices that only the host can tell; absent: not checked. */
  readonly facts: HostFacts;
  /** Directory, for messages and for launchers' absolute paths. */
  readonly directory: string;
}

/** What the host says about the things the configuration names. */
export interface HostFacts {
  readonly nodeName: string;
  /** As Node names it: `linux`, `freebsd`. Absent: taken for Linux. */
  readonly platform?: string;
  /** Mode bits and size of secret.key, or null where it is missing. */
  readonly secret: {
    readonly mode: number;
    readonly bytes: number;
    readonly isLink: boolean;
    /** True where its content is a published or typed sample. Absent: not looked at. */
    readonly isSample?: boolean;
    /** True where its lines are not one or two keys. Absent: not looked at. */
    readonly isMalformed?: boolean;
  } | null;
  /** Mode bits of the configuration directory. Absent: not looked at. */
  readonly directoryMode?: number;
  /** device path -> logical block bytes and size, or null where it can not be opened. */
  readonly devices: ReadonlyMap<
    string,
    {readonly blockBytes: number; readonly bytes: number} | null
  >;
  /** The own watchdog: `other` is a file that is no character device. Absent: not looked at. */
  readonly watchdog?: {
    readonly kind: 'device' | 'other' | 'missing';
    /** A virtual machine; null: the host does not say. */
    readonly isVirtual: boolean | null;
    /** As its driver names itself. Absent: only the open device tells. */
    readonly identity?: string;
  };
  /** Credentials of the arbiter -> mode bits, null where one can not be read. Absent: not asked. */
  readonly credentials?: ReadonlyMap<string, {readonly mode: number} | null>;
  /** Interfaces of this host, or null where unknown. */
  readonly interfaces: readonly string[] | null;
  /** script path -> `missing`, `not executable`, `writable by others`, or '' where it is sound. */
  readonly scripts: ReadonlyMap<string, string>;
  /** Programs that resources need -> why each can not be run, or ''. Absent: not looked at. */
  readonly programs?: ReadonlyMap<string, string>;
  /** Resource agents by `PROVIDER/NAME`. Absent: not looked at. */
  readonly agents?: ReadonlyMap<string, AgentFact>;
  /** Units of systemd by their names. Absent: not asked. */
  readonly units?: ReadonlyMap<string, UnitFact>;
  /**
   * Fence agents and commands: what is wrong with the program (a sentence, or ''), and the
   * parameters that the agent says it knows, null where it was not asked. Absent: not looked at.
   */
  readonly fencePrograms?: ReadonlyMap<
    string,
    {readonly fault: string; readonly parameters: readonly string[] | null}
  >;
  /** Mode bits of files that hold passwords, null where one is missing. Absent: not looked at. */
  readonly passwordFiles?: ReadonlyMap<string, number | null>;
  /** Mode bits of cluster.conf. Absent: not looked at. */
  readonly clusterFileMode?: number;
}
