import {describe, expect, test} from 'vitest';
import {firstLine} from '../../src/status/overview.ts';
import {headline} from '../../src/status/headline.ts';
import type {StatusView} from '../../src/status/model.ts';
import {check, checkUnreachable} from '../../src/status/nagios.ts';
import {
  cause,
  dualActive,
  frozen,
  healthy,
  jeopardy,
  local,
  multicast,
  node,
  node1,
  other,
  own,
  peerLink,
  peerNode,
  service,
  stale,
  starting,
  takeoverWaiting,
} from './views.ts';

const silent = peerNode({state: 'silent'});
const deadLink = peerLink({state: 'down', rx: 'down', ageMs: 20_000});
const noTakeover = {possible: false, source: 'none', proof: 'P0', worstMs: null} as const;
const downOnPurpose = service('web', {
  orchestrate: 'no',
  instances: [own('STOPPED'), other('STOPPED')],
});
const latched = own('STOPPED', {
  local: local({waiting: cause('damping', ''), probe: null}),
});
const kept = own('STOPPED', {
  local: local({waiting: cause('peer-maintenance', ''), probe: null}),
});
const persistFailed = {
  code: 'PERSIST_FAILED',
  severity: 'critical',
  text: 'EROFS',
  remedies: [],
  ageMs: 1,
} as const;

/** What it is, the first line after the name of the cluster, and the exit code of --check. */
const rows: readonly (readonly [string, StatusView, string, number])[] = [
  [
    'all is well',
    healthy(),
    'OK - 2/2 nodes, 3/3 links, takeover possible (proof: disk lease, worst case 19 s)',
    0,
  ],
  [
    'the other daemon is being upgraded, and left its services running',
    healthy({
      nodes: [node(), peerNode({state: 'silent', keeping: true})],
      services: [service('web', {instances: [kept, other('UNKNOWN')]})],
    }),
    'DEGRADED - 1/2 nodes, 3/3 links, no other node left to take over',
    1,
  ],
  [
    'a worst case below ten seconds',
    healthy({takeover: {possible: true, source: 'silence', proof: 'P1', worstMs: 1_440}}),
    'OK - 2/2 nodes, 3/3 links, takeover possible (proof: silence, worst case 1.5 s)',
    0,
  ],
  [
    'one link left',
    jeopardy(),
    'JEOPARDY - 1 of 3 links left, takeover possible (proof: disk lease, worst case 19 s)',
    1,
  ],
  [
    'one link of three down',
    healthy({media: [multicast(), multicast({peers: [deadLink]})]}),
    'DEGRADED - 2/2 nodes, 1/2 links, takeover possible (proof: disk lease, worst case 19 s)',
    1,
  ],
  [
    'the survivor after a takeover',
    healthy({
      nodes: [node(), silent],
      media: [multicast({peers: [deadLink]})],
      services: [service('web', {instances: [own('STARTED'), other('UNKNOWN')]})],
      takeover: noTakeover,
    }),
    'DEGRADED - 1/2 nodes, 0/1 links, no other node left to take over',
    1,
  ],
  [
    'nobody would take over',
    healthy({takeover: noTakeover}),
    'UNPROTECTED - 2/2 nodes, 3/3 links, no takeover by itself',
    1,
  ],
  [
    'a single node has nothing to take over',
    healthy({nodes: [node()], media: [], takeover: noTakeover}),
    'OK - 1/1 nodes, 0/0 links, no takeover by itself',
    0,
  ],
  [
    'a takeover waits for proof',
    takeoverWaiting(),
    "DOWN - web, the other node's disk lease has not run out yet, 6.8 s; 1/2 nodes, 0/3 links",
    2,
  ],
  [
    'a latched service',
    healthy({services: [service('web', {instances: [latched, other('STOPPED')]})]}),
    'DOWN - web, it was taken over only a moment ago; 2/2 nodes, 3/3 links',
    2,
  ],
  [
    'a service that is started by command only',
    healthy({services: [downOnPurpose]}),
    'OK - 2/2 nodes, 3/3 links, takeover possible (proof: disk lease, worst case 19 s)',
    0,
  ],
  [
    'two owners',
    dualActive(),
    'DUAL_ACTIVE - web runs on node1 and node2; a person must choose',
    2,
  ],
  ['frozen services', frozen(), 'FROZEN - web, db; 2/2 nodes, 3/3 links', 1],
  [
    'a frozen node',
    healthy({nodes: [node(), peerNode({frozen: true})]}),
    'FROZEN - node node2; 2/2 nodes, 3/3 links',
    1,
  ],
  ['a start', starting(), 'CHANGING - web STARTING on node1; 2/2 nodes, 3/3 links', 1],
  [
    'a daemon that has just started',
    healthy({joining: true, services: [service('web', {instances: [own('UNKNOWN')]})]}),
    'JOINING - this node still listens for the others',
    1,
  ],
  [
    'a journal that cannot be written',
    healthy({alarms: [persistFailed]}),
    'ALARM - PERSIST_FAILED: EROFS; 2/2 nodes, 3/3 links',
    2,
  ],
];

describe('the first line', () => {
  test.each(rows)('%s', (_title, view, text, exit) => {
    expect(firstLine(view, null)).toBe(`cluster blue: ${text}`);
    expect(check(view, null).exit).toBe(exit);
  });

  test('of a remembered view says so before all else', () => {
    expect(headline(dualActive(), stale).level).toBe('UNKNOWN');
    expect(check(dualActive(), stale).exit).toBe(3);
  });

  test('counts links with the living only, so that a dead third node is not a bad cable', () => {
    const third = peerNode({name: 'node3' as typeof node1, state: 'dead'});
    const both = multicast({peers: [peerLink(), {...deadLink, node: third.name}]});
    expect(headline(healthy({nodes: [node(), peerNode(), third], media: [both]}), null).text).toBe(
      '2/3 nodes, 1/1 links, takeover possible (proof: disk lease, worst case 19 s)',
    );
  });
});

describe('the check for monitoring', () => {
  test('is one line with performance data', () => {
    expect(check(healthy(), null).line).toBe(
      'HA OK - cluster blue: OK - 2/2 nodes, 3/3 links, takeover possible (proof: disk lease, ' +
        'worst case 19 s) | nodes=2;;;0;2 links=3;;;0;3 services=2;;;0;2',
    );
  });

  test('keeps bars and controls out of its sentence', () => {
    const view = healthy({alarms: [{...persistFailed, text: 'a|b\n'}]});
    expect(check(view, null).line.split('|')).toHaveLength(2);
    expect(check(view, null).line).not.toContain('\n');
    expect(checkUnreachable('no daemon | here')).toEqual({
      exit: 3,
      line: 'HA UNKNOWN - no daemon / here',
    });
  });
});
