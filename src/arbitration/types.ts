/**
 * Evidence in, verdict out. The types are complete for all sources of SAFETY.md; sources that are
 * not configured are null, and null never counts as proof.
 */

import type {ServiceClass} from '../config/types.ts';
import type {Cause} from '../kernel/words.ts';
import type {NodeName, ServiceName} from '../kernel/ids.ts';
import type {ProofClass} from '../kernel/proof.ts';

export {proofClasses, proofNeeded, proofRank} from '../kernel/proof.ts';
export type {ProofClass} from '../kernel/proof.ts';

/**
 * What is known of the peer over one network link. Ages in ms; null: never in this life of ours.
 */
export interface LinkEvidence {
  readonly medium: string;
  /** Age of the last authentic frame. */
  readonly ageMs: number | null;
  /** How long we have been listening: silence counts only from then (start, stall, repair). */
  readonly watchedMs: number;
  /** The link's own dead time. */
  readonly deadMs: number;
  /** The last frame echoed our incarnation and a recent sequence of ours. */
  readonly proven: boolean;
  /**
   * Our own end is out of order (no carrier, no address, send errors): says nothing of the peer.
   */
  readonly localFault: string | null;
  /** Signatures of this member fail on this link: not silence. */
  readonly authFailing: boolean;
}

export interface DiskEvidence {
  readonly medium: string;
  /** Age of our last successful read and write; null: never. */
  readonly readAgeMs: number | null;
  readonly writeAgeMs: number | null;
  /** Age, on our clock, of the last change that we saw in the peer's slot; null: none yet. */
  readonly changeAgeMs: number | null;
  /** How long a valid record of the peer has been watched: unchanged counts only from then. */
  readonly watchedMs: number;
  /** W by inequality I5, from the peer's own published numbers where known. */
  readonly waitMs: number;
  readonly deadMs: number;
  /** How long a holder whose promise has ended may take to stop: half its lease, as by I4. */
  readonly stopMs: number;
  /** What is wrong with the peer's slot (foreign, torn, an old image), or null: then it proves. */
  readonly fault: string | null;
  /** Watchdog time that the peer's last record attested; 0: none. */
  readonly watchdogMs: number;
}

/** The peer's row in the arbiter, from our own questions alone. */
export interface ArbiterEvidence {
  readonly medium: string;
  /** Why it proves nothing now (no answer, no lease of our own), or null: then it proves. */
  readonly fault: string | null;
  /** What lasts of the peer there; null: it never obeyed this arbiter. */
  readonly member: {readonly keeping: boolean} | null;
  /** It held its lease when last looked at. */
  readonly present: boolean;
  /** How long it has been marked out, with no sign of life since; null: it is not. */
  readonly markedMs: number | null;
  /** How long a holder whose promise has ended may take to stop, or to be reset. */
  readonly stopMs: number;
  /** From the end of its lease until its watchdog must have reset it; 0: none is attested. */
  readonly resetMs: number;
}

/** What the nodes that answer us have heard of the peer, from their own frames. */
export interface QuorumEvidence {
  /** Nodes of a majority. */
  readonly needed: number;
  /** For each node that counts, this one first: how long it is known not to have heard the peer. */
  readonly quietMs: readonly number[];
  /** How long that must be before the peer has stopped. */
  readonly waitMs: number;
  /** How long a holder whose promise has ended may take to stop. */
  readonly stopMs: number;
  /** When it is worth asking again at the earliest. */
  readonly stepMs: number;
}

export interface PeerEvidence {
  readonly node: NodeName;
  readonly links: readonly LinkEvidence[];
  readonly disks: readonly DiskEvidence[];
  /** The peer's last words were a clean leave in its last known life. */
  readonly left: boolean;
  /** The peer announced maintenance: ms that remain; null: none. */
  readonly keepingMs: number | null;
  /** An operator said it is dead, after its last sign of life. */
  readonly confirmedDead: {readonly by: string} | null;
  /** Fencing of the peer; `damped`: not again by itself yet; null: not configured. */
  readonly fence: 'none' | 'pending' | 'confirmed' | 'failed' | 'damped' | null;
  /** A third party's vote; null: not configured. */
  readonly arbiter: ArbiterEvidence | null;
  /** Node majority as a proof; null: it is none here. */
  readonly quorum: QuorumEvidence | null;
  /** SCSI reservation; null: not configured. */
  readonly reservation: 'held-by-us' | 'held-by-peer' | 'none' | null;
  /** Heard at least once, proven, since this daemon started. */
  readonly heardThisLife: boolean;
}

export interface OwnEvidence {
  readonly stalled: boolean;
  /** Every network link has a local fault. */
  readonly isolated: boolean;
  readonly overloaded: boolean;
  /** Ping targets: null where none are configured. */
  readonly pingReachable: boolean | null;
  /** A majority of the nodes answers us; null: nobody asks. */
  readonly quorum: boolean | null;
  /** At least one link has carrier and no local fault. */
  readonly carrier: boolean;
  readonly configSkew: boolean;
  readonly duplicateNode: boolean;
}

export interface JudgeQuestion {
  readonly service: ServiceName;
  readonly serviceClass: ServiceClass;
  readonly takeover: 'proven' | 'manual';
  readonly peer: PeerEvidence;
  readonly own: OwnEvidence;
}

/** One thing that was looked at, as it is written down and shown. */
export interface Evidence {
  readonly medium: string;
  readonly says: string;
  readonly ageMs: number | null;
}

/** May we act as if this peer were out? */
export interface Verdict {
  readonly decision: 'hold' | 'yield' | 'wait' | 'fence' | 'take' | 'refuse';
  /** The strongest proof at hand, whether or not it is enough. */
  readonly proof: ProofClass;
  /** For `wait`: ms from now until it is worth asking again; null: not by time alone. */
  readonly waitMs: number | null;
  readonly cause: Cause;
  /** The clauses that decided, as D4, D7. */
  readonly clauses: readonly string[];
  readonly evidence: readonly Evidence[];
}
