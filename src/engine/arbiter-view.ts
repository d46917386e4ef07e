/** The arbiter as plain data; null where none is configured. */

import type {ArbiterRow} from '../arbitration/arbiter.ts';
import {isHeld} from './arbiter-right.ts';
import type {Engine} from './state.ts';
import type {ArbiterView} from './view.ts';

export function arbiterView(engine: Engine): ArbiterView | null {
  const {arbiter, config, nowMs} = engine;
  if (config.arbiter === null) return null;
  const {fault, answeredMs, heldUntilMs, revision} = arbiter;
  const holds = isHeld(engine);
  return {
    id: config.arbiter.id,
    state: fault !== null ? 'failed' : holds ? 'held' : 'none',
    detail: fault === null ? '' : `${fault.kind}: ${fault.detail}`,
    leftMs: holds ? heldUntilMs - nowMs : null,
    ttlMs: config.arbiter.ttlMs,
    answeredAgeMs: answeredMs === null ? null : nowMs - answeredMs,
    revision,
    nodes: config.nodes.map((node) => ({node, lease: leaseOf(arbiter.rows.get(node))})),
  };
}

function leaseOf(row: ArbiterRow | undefined): ArbiterView['nodes'][number]['lease'] {
  if (row === undefined || (row.present === null && row.member === null)) return 'never-seen';
  if (row.present !== null) return 'held';
  return row.mark === null ? 'none' : 'marked-out';
}
