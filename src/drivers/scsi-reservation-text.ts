/**
 * What sg_persist (sg3-utils) and mpathpersist (multipath-tools) print and end with. Text that is
 * not one of the forms below is no answer: a list of keys that was half understood would let a
 * disk look free.
 */

import {parseKey} from '../kernel/reservation-key.ts';

/** `type`: SPC-4 table 119; null: a word that we do not know. */
export interface Holder {
  readonly key: string;
  readonly type: number | null;
}

/** Write Exclusive, Registrants Only: others read, only who is registered writes. */
export const registrantsOnly = 5;

const types: Readonly<Record<string, number>> = {
  'write exclusive': 1,
  'exclusive access': 3,
  'write exclusive, registrants only': registrantsOnly,
  'exclusive access, registrants only': 6,
  'write exclusive, all registrants': 7,
  'exclusive access, all registrants': 8,
};

/** The registered keys, one per path, in the order of the disk; null: no such answer. */
export function parseKeys(text: string): readonly string[] | null {
  const head = /PR generation=0x[0-9a-f]+,\s+(.*)/i.exec(text);
  if (head === null) return null;
  const said = head[1]!;
  if (/^there are NO registered/i.test(said)) return [];
  const count = /^(\d+) registered reservation keys?(?: follows?:|\.)/i.exec(said)?.[1];
  if (count === undefined) return null;
  const rest = text.slice(head.index + head[0].length);
  const keys = [...rest.matchAll(/^\s*(0x[0-9a-f]+)\s*$/gim)].map(([, key]) => parseKey(key!));
  const known = keys.filter((key) => key !== null);
  return known.length === Number(count) ? known : null;
}

/** Who holds the reservation, `none`, or null: no such answer. */
export function parseReservation(text: string): Holder | 'none' | null {
  if (!/PR generation=0x[0-9a-f]+,/i.test(text)) return null;
  if (/there is NO reservation held/i.test(text)) return 'none';
  const key = /^\s*Key\s*=\s*(0x[0-9a-f]+)/im.exec(text)?.[1];
  const type = /type\s*[:=]\s*(.+?)\s*$/im.exec(text)?.[1];
  if (key === undefined || type === undefined) return null;
  // All registrants hold together: then the key is 0, and nobody is named.
  return {key: parseKey(key) ?? '0x0', type: types[type.toLowerCase()] ?? null};
}

export type ToolName = 'sg_persist' | 'mpathpersist';
export type Ending = 'ok' | 'attention' | 'conflict' | 'unsupported' | 'failed';

/** sg3_utils(8), EXIT STATUS; multipath-tools has numbers of its own (mpath_persist.h). */
const codes: Readonly<Record<ToolName, Readonly<Record<number, Ending>>>> = {
  sg_persist: {0: 'ok', 5: 'unsupported', 6: 'attention', 9: 'unsupported', 24: 'conflict'},
  mpathpersist: {0: 'ok', 5: 'unsupported', 6: 'attention', 7: 'unsupported', 11: 'conflict'},
};

/** What an exit code and the words beside it mean. Old versions say in words alone what it was. */
export function endingOf(
  tool: ToolName,
  result: {readonly code: number | null; readonly text: string},
): Ending {
  const ending = codes[tool][result.code ?? -1] ?? 'failed';
  if (ending !== 'failed') return ending;
  if (/unit attention/i.test(result.text)) return 'attention';
  if (/reservation conflict/i.test(result.text)) return 'conflict';
  if (/unsupported service action|invalid opcode/i.test(result.text)) return 'unsupported';
  return 'failed';
}
