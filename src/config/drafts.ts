/**
 * Configuration under construction: the final objects with the lines that made them, so that a
 * finding about two of them can point at both.
 */

import type {NodeName} from '../kernel/ids.ts';
import type {Report} from './findings.ts';
import type {ConfigFiles, DiskConfig, LinkConfig, Place, ServiceConfig, Timing} from './types.ts';

/** What every step of the parser is given. */
export interface ParseContext {
  readonly files: ConfigFiles;
  readonly report: Report;
}

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

export interface ServiceDraft {
  readonly config: ServiceConfig;
}

/** The timing that the media are built from, and what is their default. */
export interface TimingDraft {
  readonly timing: Timing;
  /** D of the profile: default of `io` in a disk heartbeat. */
  readonly ioMs: number;
}
