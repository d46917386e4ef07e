/** What PeerView makes of a datagram or a slot. */

import type {NodeName} from '../kernel/ids.ts';
import type {DropReason, Frame} from './types.ts';

/** A frame that did not count. `node`: the member it claims to come from, where that is known. */
export interface Dropped {
  readonly kind: 'dropped';
  readonly reason: DropReason;
  readonly node: NodeName | null;
}

/** Nothing new: a copy of a frame we have, our own frame looped back, a slot not written since. */
export interface Unchanged {
  readonly kind: 'unchanged';
  readonly node: NodeName;
}

interface Accepted {
  readonly kind: 'accepted';
  readonly node: NodeName;
  /** The first frame of a life of the peer: everything known of an earlier one is void. */
  readonly firstOfLife: boolean;
  /** It counts as a sign of life: not drained after a stall, not a slot's first sight. */
  readonly fresh: boolean;
}
export interface AcceptedFrame extends Accepted {
  readonly frame: Frame;
}
export interface AcceptedSlot extends Accepted {
  /** Liveness first, then the state pages of the same write. */
  readonly frames: readonly Frame[];
}
export type Received = AcceptedFrame | Dropped | Unchanged;
export type ReceivedSlot = AcceptedSlot | Dropped | Unchanged;

/** `draining`: it waited while we stood still; its content counts, its age does not. */
export interface ReceiveOptions {
  readonly draining: boolean;
}
