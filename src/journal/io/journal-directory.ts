/**
 * The files of a journal: `journal-NUMBER.jsonl`, named after the number of their first record, so
 * that rotation renames nothing and the order of names is the order of time.
 */

import {createHash} from 'node:crypto';
import {readdir} from 'node:fs/promises';
import {join} from 'node:path';

export interface JournalPart {
  readonly path: string;
  readonly name: string;
  readonly firstSeq: number;
}

const namePattern = /^journal-(\d{12})\.jsonl$/;

export function partName(firstSeq: number): string {
  return `journal-${String(firstSeq).padStart(12, '0')}.jsonl`;
}

/** Oldest first. Throws what readdir throws. */
export async function listParts(directory: string): Promise<readonly JournalPart[]> {
  const parts: JournalPart[] = [];
  for (const name of await readdir(directory)) {
    const match = namePattern.exec(name);
    if (match === null) continue;
    parts.push({path: join(directory, name), name, firstSeq: Number(match[1])});
  }
  return parts.sort((left, right) => left.firstSeq - right.firstSeq);
}

/** The journal's hash: the first 16 hexadecimal digits of SHA-256. */
export function sha256Text(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
