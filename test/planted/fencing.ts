/** Slips in switching a node off (src/engine/fencing.ts, src/engine/fence-auto.ts). */

import type {Defect} from './defect.ts';

export const fencing: readonly Defect[] = [
  {
    name: 'a shot that failed is taken for a hit',
    file: 'engine/fencing.ts',
    find: "fence.state = newLife ? 'none' : off ? 'confirmed' : 'failed';",
    replace: "fence.state = newLife ? 'none' : 'confirmed';",
    by: {scenario: 'fence-unreachable'},
    fast: true,
  },
  {
    name: 'of two that both wait, both wait for one turn',
    file: 'engine/fence-auto.ts',
    find: 'isEarlier || isIdle ? onceMs : onceMs + biasMs(config, node)',
    replace: 'onceMs',
    by: {scenario: 'fence-mutual-unheard-stop'},
  },
  {
    name: 'what nobody has heard of gives precedence',
    file: 'engine/fence-auto.ts',
    find: 'holds(service) && isTold(service, peer)',
    replace: 'holds(service)',
    by: {scenario: 'fence-mutual-unheard-start'},
  },
  {
    name: 'a device that lied is believed again',
    file: 'engine/fence-auto.ts',
    find: 'fence.lied || isSpent',
    replace: 'isSpent',
    by: {scenario: 'fence-lies'},
  },
  {
    name: 'a node that may be cut off itself fires',
    file: 'arbitration/judge-fence.ts',
    find: 'own.isolated || own.pingReachable === false',
    replace: 'own.isolated',
    by: {scenario: 'fence-withheld-by-ping'},
  },
  {
    name: 'who renews its lease in the arbiter is fenced',
    file: 'arbitration/judge-fence.ts',
    find: 'peer.arbiter?.present === true || ',
    replace: '',
    by: {scenario: 'fence-withheld-by-etcd'},
  },
];
