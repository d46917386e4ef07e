/** The arbiter as the answering node knows it, in words; null where none is used. */

import type {StatusView} from './model.ts';
import {formatSpan} from './model.ts';

const leaseWords = {
  'held': 'holds its lease',
  'none': 'holds no lease',
  'marked-out': 'is marked out',
  'never-seen': 'never had a lease',
} as const;

export function arbiterText({arbiter}: StatusView): string | null {
  if (arbiter === undefined) return null;
  const {state, detail, leftMs, nodes} = arbiter;
  const lease = leftMs === null ? 'no lease here' : `lease here for ${formatSpan(leftMs)}`;
  const others = nodes.map(({node, lease: word}) => `${node} ${leaseWords[word]}`).join(', ');
  const said = state === 'failed' ? `gives no answer that can be used (${detail})` : 'answers';
  return `${said}; ${lease}; last read: ${others}`;
}
