/**
 * What the daemon and the process of a shared disk say to each other: one JSON object a line, over
 * the process's standard input and output.
 */

import {recordBytes} from '../layout.ts';

/** Bytes of the device that belong to one node. */
export interface SlotRange {
  readonly node: string;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** What the process is started with. */
export interface DiskTask {
  readonly device: string;
  readonly own: SlotRange;
  readonly peers: readonly SlotRange[];
}

/** One round: write the own slot where there is something to write, then read all others. */
export interface DiskCommand {
  readonly id: number;
  /** A packed slot; null: only read. */
  readonly write: string | null;
  /** On the clock of process.hrtime, ms: a write that has not begun by then is stale. */
  readonly untilMs: number;
}

export type DiskAction = 'read' | 'write';

export type DiskReport =
  /** The process runs and takes commands. */
  | {readonly type: 'ready'}
  /** The device is open. `note`: what a person should know about it, or null. */
  | {readonly type: 'open'; readonly blockBytes: number; readonly note: string | null}
  | {readonly type: 'wrote'; readonly id: number}
  /** `packed`: what packSlot made of it. */
  | {readonly type: 'slot'; readonly id: number; readonly node: string; readonly packed: string}
  | {
      readonly type: 'failed';
      readonly id: number;
      readonly action: DiskAction;
      readonly text: string;
    }
  /** The round is over, well or not. */
  | {readonly type: 'done'; readonly id: number};

const zeros = Buffer.alloc(recordBytes);

/**
 * A slot as base64 without the empty records at its end: most of a slot is empty, and all of it
 * goes through two processes at every renewal.
 */
export function packSlot(slot: Uint8Array): string {
  const bytes = Buffer.from(slot.buffer, slot.byteOffset, slot.length);
  let end = bytes.length;
  while (end >= recordBytes && zeros.equals(bytes.subarray(end - recordBytes, end))) {
    end -= recordBytes;
  }
  return bytes.toString('base64', 0, end);
}

/** The slot again, `lengthBytes` long. */
export function unpackSlot(packed: string, lengthBytes: number): Buffer {
  const slot = Buffer.alloc(lengthBytes);
  slot.write(packed, 'base64');
  return slot;
}

/** Milliseconds of CLOCK_MONOTONIC: the same for all processes of one boot. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}
