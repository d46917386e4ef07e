/**
 * What a node asks an arbiter, and what it is told. Three entries per node, however many services:
 * its lease (`node`), what lasts of it (`member`), and that it was marked out (`mark`). Every
 * change is a compare-and-set against what the last answer showed, so that an answer that comes
 * late, or is lost, changes nothing that anybody relies on.
 */

import type {NodeName, ServiceName} from '../kernel/ids.ts';

/** Bound to a lease: it is there as long as its node renews. */
export interface NodeEntry {
  /** Life number of the daemon that holds it. */
  readonly life: number;
  readonly nonce: number;
}

/** Without a lease: it shows that the node obeys this arbiter, and how. */
export interface MemberEntry {
  readonly life: number;
  readonly ttlMs: number;
  /** Time-out of an armed watchdog that makes its lease P3; 0: none. */
  readonly watchdogMs: number;
  /** It left its services running on purpose: no end of its lease proves anything. */
  readonly keeping: boolean;
  /** Services that the end of its lease does not stop: frozen while running, or stuck. */
  readonly held: readonly ServiceName[];
}

/** Without a lease: it may not hold a right again while this stands and something runs there. */
export interface MarkEntry {
  readonly by: NodeName;
  readonly life: number;
}

/** An entry as it was read: `revision` is that of its last change. */
export type Read<Entry> = Entry & {readonly revision: number};

/** Everything that the arbiter has of one node. */
export interface ArbiterRow {
  readonly node: NodeName;
  /** Its lease; null: it holds none. */
  readonly present: (Read<NodeEntry> & {readonly leaseId: string}) | null;
  readonly member: Read<MemberEntry> | null;
  readonly mark: Read<MarkEntry> | null;
}

export type ArbiterQuestion =
  | {readonly kind: 'read'}
  /** A new lease, if the own row is still as it was read; 0: the entry was not there. */
  | {
      readonly kind: 'acquire';
      readonly leaseId: string;
      readonly ttlMs: number;
      readonly nodeRevision: number;
      readonly markRevision: number;
      readonly entry: NodeEntry;
      readonly member: MemberEntry;
    }
  /** `member`: written anew where it has changed; null: it is as it was. */
  | {readonly kind: 'renew'; readonly leaseId: string; readonly member: MemberEntry | null}
  /** The own lease is given back: nothing runs here any more. */
  | {readonly kind: 'release'; readonly leaseId: string}
  /** Only where the peer is a member and holds no lease, and we hold ours. */
  | {
      readonly kind: 'mark';
      readonly peer: NodeName;
      readonly leaseId: string;
      readonly entry: MarkEntry;
    };

/**
 * Why there is no answer. `unreachable`: nobody says anything; `credentials`, `tls`: it does not
 * know us, or we do not know it; `foreign`: it is not the arbiter that we knew.
 */
export type ArbiterFault = 'unreachable' | 'credentials' | 'tls' | 'foreign';

export type ArbiterOutcome =
  | {
      readonly ok: true;
      /** The change was made. */
      readonly done: boolean;
      readonly clusterId: string;
      readonly revision: number;
      /** Time to live that the arbiter granted; null: the question was not about that. */
      readonly grantedMs: number | null;
      readonly rows: readonly ArbiterRow[];
    }
  | {readonly ok: false; readonly fault: ArbiterFault; readonly detail: string};

/** One answer per question. `issuedMs`: the clock of the asker before anything was sent. */
export interface ArbiterAnswer {
  readonly id: number;
  readonly issuedMs: number;
  readonly outcome: ArbiterOutcome;
}
