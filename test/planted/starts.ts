/** Slips on the way to a start: may-start, rank, acknowledgement. */

import type {Defect} from './defect.ts';

export const starts: readonly Defect[] = [
  {
    name: 'the grace is skipped: nobody is asked before a start',
    file: 'engine/services.ts',
    find: 'sequence === 0 || peer.ackSequence < sequence);',
    replace: 'sequence < 0 && peer.ackSequence < sequence);',
    by: {scenario: 'unfrozen-at-once'},
  },
  {
    name: 'an acknowledgement of anything counts',
    file: 'engine/services.ts',
    find: 'sequence === 0 || peer.ackSequence < sequence);',
    replace: 'sequence === 0 || peer.ackSequence === 0);',
    by: {scenario: 'unfrozen-at-once'},
  },
  {
    name: 'the last owner is ignored',
    file: 'engine/may-start.ts',
    find: 'const owner = lastOwner(engine, service);\n  if (owner === engine.node)',
    replace: 'const owner = null as NodeName | null;\n  if (owner === engine.node)',
    by: {scenario: 'last-owner-first'},
  },
];
