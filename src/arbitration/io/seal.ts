/**
 * Values that only members of the cluster can make: the text, the id of the cluster key and a tag
 * over both the name of the entry and the text. So two clusters that were given the same prefix by
 * mistake notice each other instead of ending each other's leases.
 */

import {createHmac, timingSafeEqual} from 'node:crypto';
import type {Seal} from '../etcd-wire.ts';

export interface SealKey {
  readonly id: number;
  readonly secret: Uint8Array;
}

const purpose = 'understudy arbiter 1';
const tagBytes = 16;
const pattern = /^(\d{1,5}) ([\da-f]{32}) (.*)$/s;

/** The first key closes; all of them open. */
export function createSeal(keys: () => readonly SealKey[]): Seal {
  return {
    close: (key, text) => {
      const [first] = keys();
      if (first === undefined) throw new Error('a seal without a key');
      return `${first.id} ${tagOf(first, key, text).toString('hex')} ${text}`;
    },
    open: (key, value) => {
      const [, id, tag, text] = pattern.exec(value) ?? [];
      const held = keys().find((one) => one.id === Number(id));
      if (held === undefined || tag === undefined || text === undefined) return null;
      return timingSafeEqual(Buffer.from(tag, 'hex'), tagOf(held, key, text)) ? text : null;
    },
  };
}

function tagOf({secret}: SealKey, key: string, text: string): Buffer {
  const hmac = createHmac('sha256', secret);
  return hmac.update(`${purpose}\n${key}\n`).update(text).digest().subarray(0, tagBytes);
}
