/**
 * Heartbeats under construction: the final objects with the lines that made them, so that a
 * finding about two of them can point at both.
 */

import type {NodeName} from '../kernel/ids.ts';
import type {DiskConfig, LinkConfig, Place} from './types.ts';

export interface LinkDraft {
  readonly config: LinkConfig;
  /** Line of each node's end. */
  readonly places: ReadonlyMap<NodeName, Place>;
}

export interface DiskDraft {
  readonly config: DiskConfig;
  /** Line of each node's slot. */
  readonly places: ReadonlyMap<NodeName, Place>;
}

export interface MediaDraft {
  readonly links: readonly LinkDraft[];
  readonly disks: readonly DiskDraft[];
}
