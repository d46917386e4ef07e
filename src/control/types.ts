/**
 * Requests and answers on the control socket and on the peer channel: one JSON object per line,
 * both ways. A request gets any number of `progress` and `event` lines and exactly one `end`.
 */

import type {Command} from '../engine/types.ts';
import type {EngineView} from '../engine/view.ts';
import type {NodeName, ResourceId, ServiceName} from '../kernel/ids.ts';
import type {JobRun, TaskView} from '../kernel/schedule/types.ts';
import type {Selection} from '../kernel/selection.ts';

/** Version of the protocol; another one is refused with a sentence. */
export const protocolVersion = 1;
/** Longest line either side accepts. A view of 1,000 services is about 700 KB. */
export const lineBytesMax = 2 * 1_024 * 1_024;
/** Longest request line: a request is small. */
export const requestBytesMax = 64 * 1_024;

interface RequestBase {
  readonly v: typeof protocolVersion;
  /** Chosen by the client, echoed in each line. */
  readonly id: number;
  /** Ask this node's daemon instead: forwarded through the peer channel. null: the local one. */
  readonly node: NodeName | null;
  /** Who asks, for the journal: `root@pts/1`. The peer channel replaces it with the proven peer. */
  readonly actor: string;
}

export type Request =
  | (RequestBase & {readonly op: 'view'})
  /** Plans a command and says what would be called, without doing it. */
  | (RequestBase & {
      readonly op: 'plan';
      readonly command: Command;
      /** A part of the service; absent: all of it. */
      readonly select?: Selection;
    })
  /** Runs a command; `end` comes when it is finished, or at once with exit 75 where not `wait`. */
  | (RequestBase & {readonly op: 'command'; readonly command: Command; readonly wait: boolean})
  /** Journal records, oldest first: those kept after `sinceSeq`, then live ones where `follow`. */
  | (RequestBase & {
      readonly op: 'events';
      readonly service: ServiceName | null;
      readonly sinceSeq: number;
      readonly limit: number;
      readonly follow: boolean;
    })
  /** Runs a task where its service runs; `end` comes with its outcome. */
  | (RequestBase & {
      readonly op: 'run-task';
      readonly service: ServiceName;
      readonly rid: ResourceId;
    })
  /** A node tells the others what it ran: over the peer channel alone. */
  | (RequestBase & {
      readonly op: 'task-ran';
      readonly service: ServiceName;
      readonly rid: ResourceId;
      readonly run: JobRun;
    })
  | (RequestBase & {readonly op: 'reload'})
  | (RequestBase & {readonly op: 'hello'});

export type ReplyLine =
  | {readonly id: number; readonly kind: 'progress'; readonly text: string}
  | {readonly id: number; readonly kind: 'event'; readonly record: unknown}
  | {
      readonly id: number;
      readonly kind: 'end';
      /** Exit code for the command line. */
      readonly exit: number;
      readonly text: string;
      /** The view, the plan ...; null where there is nothing. */
      readonly data: unknown;
    };

/** The view with what only the shell knows. */
export interface DaemonView extends EngineView {
  /** RFC 3339 of the moment of the view. */
  readonly at: string;
  readonly version: string;
  readonly pid: number;
  readonly startedAt: string;
  /** Safety grade of the configuration, A to D, as `ha check` computes it. */
  readonly grade: 'A' | 'B' | 'C' | 'D';
  readonly loopLag: {readonly p99Ms: number; readonly maxMs: number};
  readonly configDirectory: string;
  /** Processes by medium: pid of this daemon for links, of the child for disks. */
  readonly mediaPids: Readonly<Record<string, number>>;
  /** Service -> its resources as configured, in file order, as the status tree labels them. */
  readonly resources?: Readonly<Record<string, readonly ResourceLabel[]>>;
  /** Tasks of all services, in the order of the files. */
  readonly tasks?: readonly TaskView[];
}

/** Of the sentence in a run that one node tells another. */
export const runDetailCharsMax = 200;

/** What the status tree says of a resource besides its state. */
export interface ResourceLabel {
  readonly rid: string;
  /** The driver's label. */
  readonly label: string;
  readonly optional: boolean;
  readonly disabled: boolean;
  /** Probed on the beat of the service's monitor, with restarts in place. */
  readonly monitored: boolean;
  /** Runs inside of the container of the service. */
  readonly encap?: boolean;
  /** Kept up on this node also where the service is not. */
  readonly standby?: boolean;
}
