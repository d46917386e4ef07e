import {at} from '../heartbeat/layout.ts';

/** More frames than a daemon makes in any simulated life. */
const framesMax = 2 ** 26;

/**
 * Where a frame stands among all of its sender: by life, then by sequence. What was made first may
 * be sent last, because a batch with a record waits for the disk; a receiver drops it all the same.
 */
export function frameOrder(bytes: Uint8Array): number {
  return read48(bytes, at.incarnation) * framesMax + read48(bytes, at.sequence);
}

/** The two parts of an order. */
export function lifeOf(order: number): number {
  return Math.floor(order / framesMax);
}

export function sequenceOf(order: number): number {
  return order % framesMax;
}

function read48(bytes: Uint8Array, position: number): number {
  let value = 0;
  for (let index = position; index < position + 6; index += 1) value = value * 256 + bytes[index]!;
  return value;
}
