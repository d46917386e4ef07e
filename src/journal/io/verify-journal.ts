/** The hash chain of a whole journal, over all its files in their order. */

import {readFile, stat} from 'node:fs/promises';
import {basename} from 'node:path';
import {err, ok} from '../../kernel/result.ts';
import type {Result} from '../../kernel/result.ts';
import {chainOrigin} from '../chain.ts';
import type {ChainPoint} from '../chain.ts';
import {verifyText} from '../verify.ts';
import {listParts, sha256Text} from './journal-directory.ts';
import {storageError} from './storage-error.ts';

export interface ChainReport {
  /** Records that were read. */
  readonly count: number;
  /** `FILE:LINE: SENTENCE`; an unfinished last line of the newest file is a crash, and none. */
  readonly faults: readonly string[];
}

/** Faults that are named; a file that is not a journal has one in every line. */
const faultsMax = 10;

/** The journal in a directory, or one file of it, which is taken from its first record on. */
export async function verifyJournal(path: string): Promise<Result<ChainReport>> {
  try {
    const isFile = (await stat(path)).isFile();
    const parts = isFile ? [{path, name: basename(path), firstSeq: 0}] : await listParts(path);
    let point: ChainPoint | null = parts[0]?.firstSeq === 1 ? chainOrigin : null;
    let count = 0;
    const faults: string[] = [];
    for (const [index, part] of parts.entries()) {
      const last = index === parts.length - 1;
      const text = await readFile(part.path, 'utf8');
      const reading = verifyText(text, {start: point, last, hashText: sha256Text});
      count += reading.records.length;
      point = reading.end;
      const real = reading.faults.filter(({kind}) => kind !== 'torn');
      faults.push(...real.map(({line, text: said}) => `${part.name}:${line}: ${said}`));
    }
    return ok({count, faults: faults.slice(0, faultsMax)});
  } catch (cause) {
    return err(storageError('read', path, cause));
  }
}
