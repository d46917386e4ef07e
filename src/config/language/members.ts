/**
 * Which of `key@node`, `key@nodes`, `key@drpnodes`, `key@encapnodes`, `key@flex_primary`,
 * `key@drp_flex_primary` and `key` is in force on a node: the first of them that is written and
 * concerns it.
 */

import type {IniEntry} from '../ini.ts';

/** The lists of a service file that a scope can name. */
export interface Members {
  readonly nodes: readonly string[];
  /** Nodes of the disaster site; they never take over by themselves. */
  readonly drpnodes: readonly string[];
  /** Hosts within the service: containers, virtual machines. */
  readonly encapnodes: readonly string[];
  readonly flexPrimary: string | null;
  readonly drpFlexPrimary: string | null;
}

export const nobody: Members = {
  nodes: [],
  drpnodes: [],
  encapnodes: [],
  flexPrimary: null,
  drpFlexPrimary: null,
};

/** Words behind `@` that are no names of nodes. */
export const scopeWords: readonly string[] = [
  'nodes',
  'drpnodes',
  'encapnodes',
  'flex_primary',
  'drp_flex_primary',
];

/** True for a word behind `@` that no node can answer to. */
export function isEmptyScope(scope: string, members: Members): boolean {
  if (scope === 'drp_flex_primary') return members.drpFlexPrimary === null;
  if (scope === 'flex_primary') return members.flexPrimary === null;
  return members[scope as 'nodes' | 'drpnodes' | 'encapnodes'].length === 0;
}

/** In lower case, as scopes are compared; `node` null: only what is written for all nodes. */
export function scopesOn(node: string | null, members: Members): readonly string[] {
  if (node === null) return [];
  const own = node.toLowerCase();
  const has = (list: readonly string[]): boolean => list.some((name) => name.toLowerCase() === own);
  const is = (name: string | null): boolean => name !== null && has([name]);
  return [
    own,
    ...(has(members.nodes) ? ['nodes'] : []),
    ...(has(members.drpnodes) ? ['drpnodes'] : []),
    ...(has(members.encapnodes) ? ['encapnodes'] : []),
    ...(is(members.flexPrimary) ? ['flex_primary'] : []),
    ...(is(members.drpFlexPrimary) ? ['drp_flex_primary'] : []),
  ];
}

/** Of the entries of one key. */
export function inForce<Entry extends Pick<IniEntry, 'scope'>>(
  entries: readonly Entry[],
  scopes: readonly string[],
): Entry | undefined {
  for (const scope of scopes) {
    const found = entries.find((entry) => entry.scope?.toLowerCase() === scope);
    if (found !== undefined) return found;
  }
  return entries.find((entry) => entry.scope === null);
}
