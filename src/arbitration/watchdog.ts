/**
 * What a watchdog is worth (docs/safety.md). It turns a lease into P3 only where it resets the node
 * in real time, whatever becomes of the kernel; anything less leaves P2. Unknown is less.
 */

/** What the shell tells of its watchdog. */
export type WatchdogReport =
  | {
      readonly state: 'armed';
      /** Time without a feed after which it resets this node, as read back from the driver, ms. */
      readonly timeoutMs: number;
      readonly identity: string;
      readonly proof: 'P2' | 'P3';
      /** What it is worth, and why: a sentence. */
      readonly detail: string;
      /** False where the driver does not disarm (nowayout). */
      readonly mayRelease: boolean;
    }
  /** The last feed was issued at this instant of our monotonic clock and has been taken. */
  | {readonly state: 'fed'; readonly atMs: number}
  | {readonly state: 'released'}
  | {readonly state: 'failed'; readonly detail: string};

export interface WatchdogNature {
  /** As the driver names itself; empty: it does not. */
  readonly identity: string;
  /** A character device of the kernel; else whoever reads a FIFO. */
  readonly isDriver: boolean;
  /** This host is a virtual machine; null: it does not say. */
  readonly isVirtual: boolean | null;
  readonly assume: 'nothing' | 'no-vm-pause' | 'external-watchdog';
}

/** Drivers that are a timer of the kernel which they should reset. */
const software = /soft/i;

export function gradeWatchdog(nature: WatchdogNature): {
  readonly proof: 'P2' | 'P3';
  readonly detail: string;
} {
  const {identity, isDriver, isVirtual, assume} = nature;
  const name = identity === '' ? 'a watchdog without a name' : identity;
  if (!isDriver) {
    const detail = `${name}: assume = external-watchdog says that its reader resets this node`;
    return assume === 'external-watchdog'
      ? {proof: 'P3', detail}
      : {proof: 'P2', detail: `${name} is no watchdog of the kernel`};
  }
  if (identity === '') return {proof: 'P2', detail: `${name}: it may be one of software`};
  if (software.test(identity)) {
    return {proof: 'P2', detail: `${name} is a timer of the kernel that it should reset`};
  }
  if (assume === 'nothing' && isVirtual !== false) {
    const what = isVirtual === null ? 'this may be' : 'this is';
    return {proof: 'P2', detail: `${name}: ${what} a virtual machine, and it stops while paused`};
  }
  return {proof: 'P3', detail: `${name} resets this node`};
}
