/**
 * Lines of a file from the last to the first, in pieces: the newest records of a journal of 64 MB
 * are found without reading it, and no single turn of the loop works on more than one piece.
 */

import {open} from 'node:fs/promises';
import {lineCharsMax} from '../chain.ts';

const pieceBytes = 128 * 1_024;
/** A line of text takes at most three bytes a character; what is longer is no line of ours. */
const lineBytesMax = 3 * lineCharsMax + 1_024;

export interface Piece {
  /** Newest first, complete lines only. */
  readonly lines: readonly string[];
  /** Bytes after the last line feed of the file, as far as read: a line that was not finished. */
  readonly unfinishedBytes: number;
}

/** Throws what open and read throw. */
export async function* readBackward(path: string): AsyncGenerator<Piece, void, void> {
  const handle = await open(path, 'r');
  try {
    const {size} = await handle.stat();
    let carry: Buffer = Buffer.alloc(0);
    let unfinishedBytes = 0;
    let fed = false;
    for (let end = size; end > 0;) {
      const start = Math.max(0, end - pieceBytes);
      const piece = Buffer.alloc(end - start);
      const {bytesRead} = await handle.read(piece, 0, piece.length, start);
      if (bytesRead < piece.length) return; // Cut short meanwhile.
      end = start;
      let bytes: Buffer = Buffer.concat([piece, carry]);
      if (!fed) {
        const lastFeed = bytes.lastIndexOf(10);
        unfinishedBytes += bytes.length - 1 - lastFeed;
        bytes = bytes.subarray(0, lastFeed + 1);
        fed = lastFeed >= 0;
      }
      const firstFeed = start === 0 ? -1 : bytes.indexOf(10);
      carry = Buffer.from(bytes.subarray(0, firstFeed + 1));
      if (carry.length > lineBytesMax) carry = Buffer.from('\n');
      yield {lines: linesOf(bytes, firstFeed + 1), unfinishedBytes};
    }
  } finally {
    await handle.close();
  }
}

/**
 * The complete lines of bytes from `start`, newest first; bytes end with a line feed or are empty.
 */
function linesOf(bytes: Buffer, start: number): readonly string[] {
  if (bytes.length <= start) return [];
  return bytes
    .toString('utf8', start, bytes.length - 1)
    .split('\n')
    .toReversed();
}
