/** A started process, whichever way it was started. */

import type {Readable} from 'node:stream';

export interface ChildOrder {
  /** Absolute path of the program. */
  readonly path: string;
  /** What follows the name of the program. */
  readonly args: readonly string[];
  /** All that the child gets. */
  readonly environment: Readonly<Record<string, string>>;
  /** What it can read before its input ends. Absent: /dev/null. */
  readonly input?: string;
}

/** How a child ended. All null: somebody else waited for it, so that nothing is known. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It never ran. */
  readonly error: Error | null;
}

/** Leads a process group and a session of its own; works in `/`. */
export interface Child {
  /** Undefined where it never ran: `exited` then has the error. */
  readonly pid: number | undefined;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  /** Never rejects. */
  readonly exited: Promise<Exit>;
  /** What `exited` came to, or null while it runs. */
  exit(): Exit | null;
  /** This process may end before the child does. */
  unref(): void;
}

/** Rejects where no process could be made; else the child tells. */
export type StartChild = (order: ChildOrder) => Promise<Child>;
