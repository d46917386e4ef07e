import {describe, expect, test} from 'vitest';
import {abnormal, abnormalLines, itemsPerKindMax} from '../../src/status/abnormal.ts';
import {isQuiet} from '../../src/status/headline.ts';
import {toText} from '../../src/status/lines.ts';
import {servicesShownMax} from '../../src/status/matrix.ts';
import type {StatusView} from '../../src/status/model.ts';
import {overview} from '../../src/status/overview.ts';
import {
  cause,
  disk,
  dualActive,
  frozen,
  healthy,
  jeopardy,
  local,
  multicast,
  node,
  other,
  own,
  peerLink,
  peerNode,
  service,
  stale,
  starting,
  takeoverWaiting,
} from './views.ts';

const page = (view: StatusView): string =>
  toText(overview(view, {stale: null, all: false, abnormal: abnormalLines(view)}), {colour: false});

describe('the overview', () => {
  test('of a healthy pair fits a glance and has nothing below the links', () => {
    expect(page(healthy())).toMatchInlineSnapshot(`
      "cluster blue: OK - 2/2 nodes, 3/3 links, takeover possible (proof: disk lease, worst case 19 s)

      service   node1 (here)   node2
      (node)    alive          alive
      web       STARTED        STOPPED
      db        STARTED        STOPPED

      link                                             peer   receive  send  last beat
      hb#1  multicast eth0:239.131.50.10:1234          node2  up       up    0.4 s
      hb#2  unicast eth1:10.0.0.1:10000                node2  up       up    0.4 s
      hb#3  disk /dev/mapper/14...53243692d4f336a4c:0  node2  up       up    0.9 s
      "
    `);
  });

  test('says how many links are left, and which failed', () => {
    expect(page(jeopardy())).toMatchInlineSnapshot(`
      "cluster blue: JEOPARDY - 1 of 3 links left, takeover possible (proof: disk lease, worst case 19 s)

      service   node1 (here)   node2
      (node)    alive          degraded
      web       STARTED        STOPPED
      db        STARTED        STOPPED

      link                                          peer   receive  send     last beat
      hb#1  multicast eth0:239.131.50.10:1234       node2  down     down     4 min
      hb#2  unicast eth1:10.0.0.1:10000             node2  down     unknown  4 min
      hb#3  disk /dev/mapper/...3243692d4f336a4c:0  node2  up       up       0.9 s

      !! JEOPARDY: one of 3 links to node2 is left (4 min)
         -> ha hb

      !  hb#1 to node2 is down: receive down, send down, heard 4 min ago
         multicast eth0:239.131.50.10:1234

      !  hb#2 is out of order on node1: eth1 has no carrier
         unicast eth1:10.0.0.1:10000
      "
    `);
  });

  test('says for what a takeover waits and when it is looked at again', () => {
    expect(page(takeoverWaiting())).toMatchInlineSnapshot(`
      "cluster blue: DOWN - web, the other node's disk lease has not run out yet, 6.8 s; 1/2 nodes, 0/3 links

      service   node1 (here)   node2
      (node)    alive          silent
      web       STOPPED        UNKNOWN
      db        STARTED        UNKNOWN

      link                                          peer   receive  send     last beat
      hb#1  multicast eth0:239.131.50.10:1234       node2  down     unknown  12 s
      hb#2  unicast eth1:10.0.0.1:10000             node2  down     unknown  12 s
      hb#3  disk /dev/mapper/...3243692d4f336a4c:0  node2  down     unknown  12 s

      !! web is down: the other node's disk lease has not run out yet (7.0 s)
         node2's slot on hb#3 has not changed for 11.8 s of 18.6 s.
         It is looked at again by itself in 6.8 s.
         -> ha explain web

      !  node node2 is silent (7.0 s)
         Last sign of life 12 s ago.
         -> ha hb
         -> ha events
      "
    `);
  });

  test('of two owners asks a person to choose', () => {
    expect(page(dualActive())).toMatchInlineSnapshot(`
      "cluster blue: DUAL_ACTIVE - web runs on node1 and node2; a person must choose

      service   node1 (here)   node2
      (node)    alive          alive
      web       FROZEN_START   FROZEN_START
      db        STARTED        STOPPED

      link                                             peer   receive  send  last beat
      hb#1  multicast eth0:239.131.50.10:1234          node2  up       up    0.4 s
      hb#2  unicast eth1:10.0.0.1:10000                node2  up       up    0.4 s
      hb#3  disk /dev/mapper/14...53243692d4f336a4c:0  node2  up       up    0.9 s

      !! web runs on node1 and node2
         Choose the node whose data is right, and stop the other:
         -> ha freeze-stop web --node node1
         -> ha freeze-stop web --node node2
      "
    `);
  });

  test('of a freeze says who, when, why, until when, and how to lift it', () => {
    expect(page(frozen())).toMatchInlineSnapshot(`
      "cluster blue: FROZEN - web, db; 2/2 nodes, 3/3 links

      service   node1 (here)   node2
      (node)    alive          alive
      web       FROZEN_START   FROZEN_STOP
      db        STARTED        FROZEN_STOP

      link                                             peer   receive  send  last beat
      hb#1  multicast eth0:239.131.50.10:1234          node2  up       up    0.4 s
      hb#2  unicast eth1:10.0.0.1:10000                node2  up       up    0.4 s
      hb#3  disk /dev/mapper/14...53243692d4f336a4c:0  node2  up       up    0.9 s

      !  web is frozen on node1 and node2: nothing happens to it by itself
         Frozen by root@pts/1 at 2026-11-20T21:40:00Z, until 2026-11-20T23:40:00Z:
         kernel update of node2.
         -> ha unfreeze web

      !  db is frozen on node2: not taken over there
         -> ha unfreeze db --node node2
      "
    `);
  });

  test('of a start shows step, elapsed and budget', () => {
    expect(page(starting())).toMatchInlineSnapshot(`
      "cluster blue: CHANGING - web STARTING on node1; 2/2 nodes, 3/3 links

      service   node1 (here)   node2
      (node)    alive          alive
      web       STARTING 2/4   STOPPED
      db        STARTED        STOPPED

      link                                             peer   receive  send  last beat
      hb#1  multicast eth0:239.131.50.10:1234          node2  up       up    0.4 s
      hb#2  unicast eth1:10.0.0.1:10000                node2  up       up    0.4 s
      hb#3  disk /dev/mapper/14...53243692d4f336a4c:0  node2  up       up    0.9 s

      -  web is STARTING on node1 (12 s)
         Step 2 of 4: start app#2, 12 s of at most 60 s.
      "
    `);
  });

  test('of a dead daemon shows what was last known, and its age', () => {
    const text = toText(overview(healthy(), {stale, all: false, abnormal: null}), {colour: false});
    expect(text).toMatchInlineSnapshot(`
      "cluster blue: UNKNOWN - no answer from the daemon on node1; this was 4 min ago
         No daemon listens on /run/ha/control.sock. What follows is 4 min old.
         -> systemctl start ha

      service   node1 (here)   node2
      (node)    alive          alive
      web       STARTED        STOPPED
      db        STARTED        STOPPED

      link                                             peer   receive  send  last beat
      hb#1  multicast eth0:239.131.50.10:1234          node2  up       up    4 min
      hb#2  unicast eth1:10.0.0.1:10000                node2  up       up    4 min
      hb#3  disk /dev/mapper/14...53243692d4f336a4c:0  node2  up       up    4 min
      "
    `);
  });

  test('of a dead daemon is red where colour is on, and nothing else shines', () => {
    const text = toText(overview(healthy(), {stale, all: false, abnormal: null}), {colour: true});
    expect(text.split('\n').slice(0, 6)).toMatchInlineSnapshot(`
      [
        "cluster blue: [31;1mUNKNOWN[0m[31;1m - no answer from the daemon on node1; this was 4 min ago[0m",
        "   [31;1mNo daemon listens on /run/ha/control.sock. What follows is 4 min old.[0m",
        "   -> systemctl start ha",
        "",
        "[2mservice[0m[2m   [0m[2mnode1 (here)[0m[2m   [0m[2mnode2[0m",
        "[2m(node) [0m[2m   [0m[2malive       [0m[2m   [0m[2malive[0m",
      ]
    `);
  });

  test('of failures names the cause and the command that forgets it', () => {
    const failed = own('START_FAILED', {
      local: local({cause: cause('start-failed-clean', 'app#1: exit 1: port 80 is in use')}),
    });
    const stuck = other('STOP_FAILED', {stateAgeMs: 61_000});
    const view = healthy({
      services: [
        service('web', {instances: [failed, other('STOPPED')]}),
        service('db', {instances: [own('STOPPED'), stuck]}),
      ],
    });
    expect(page(view)).toMatchInlineSnapshot(`
      "cluster blue: DOWN - 2 services: web, db; 2/2 nodes, 3/3 links

      service   node1 (here)   node2
      (node)    alive          alive
      web       START_FAILED   STOPPED
      db        STOPPED        STOP_FAILED

      link                                             peer   receive  send  last beat
      hb#1  multicast eth0:239.131.50.10:1234          node2  up       up    0.4 s
      hb#2  unicast eth1:10.0.0.1:10000                node2  up       up    0.4 s
      hb#3  disk /dev/mapper/14...53243692d4f336a4c:0  node2  up       up    0.9 s

      !! web is START_FAILED on node1 (12 min)
         app#1: exit 1: port 80 is in use.
         -> ha explain web
         -> ha clear web

      !! db is STOP_FAILED on node2 (61 s)
         It may still run there: no other node starts it before that is settled.
         -> ha explain db
         -> ha clear db --confirm-stopped
      "
    `);
  });

  test('of a whole cluster frozen, a drained peer and a flapping link says each once', () => {
    const freeze = {
      by: 'root',
      why: '',
      since: '2026-11-20T21:40:00Z',
      untilMs: null,
      until: null,
    };
    const view = healthy({
      clusterFrozen: freeze,
      nodes: [node({frozen: true}), peerNode({frozen: true, drained: true, keeping: true})],
      media: [multicast({peers: [peerLink({state: 'held-down'})]}), disk()],
      alarms: [
        {code: 'DEGRADED', severity: 'warning', text: '1 of 2', remedies: ['ha hb'], ageMs: 5_000},
      ],
    });
    expect(page(view)).toMatchInlineSnapshot(`
      "cluster blue: FROZEN - the whole cluster; 2/2 nodes, 2/2 links

      service   node1 (here)    node2
      (node)    alive, frozen   alive, frozen, drained, maintenance
      web       STARTED         STOPPED
      db        STARTED         STOPPED

      link                                       peer   receive  send  last beat
      hb#1  multicast eth0:239.131.50.10:1234    node2  up       up    0.4 s held-down
      hb#3  disk /dev/mapper...43692d4f336a4c:0  node2  up       up    0.9 s

      !  the whole cluster is frozen: nothing is started, stopped or taken over
         Frozen by root at 2026-11-20T21:40:00Z, until it is lifted.
         -> ha unfreeze --all

      !  node node2 is drained: it takes no service
         -> ha undrain node2

      !  hb#1 to node2 is held-down: it flapped; it counts again once it has been
         steady
         multicast eth0:239.131.50.10:1234
         -> ha hb

      -  node node2 announced maintenance and left its services running
         Nobody watches them until its daemon runs again.
      "
    `);
  });

  test('of what cannot be probed says so beside the state', () => {
    const unverified = own('STARTED', {local: local({verified: false})});
    const view = healthy({services: [service('p26', {instances: [unverified, other('STOPPED')]})]});
    expect(page(view)).toContain('p26       STARTED, unverified   STOPPED');
  });

  test('of many services lists those out of the ordinary and counts the rest', () => {
    const many = Array.from({length: servicesShownMax + 10}, (_, at) => service(`s${at}`));
    const failed = service('s99', {instances: [own('START_FAILED'), other('STOPPED')]});
    const view = healthy({services: [...many, failed]});
    expect(page(view)).toContain(`and ${many.length} more as they should be: ha status --all`);
    expect(page(view)).toContain('s99       START_FAILED');
    expect(page(view)).not.toContain('s12');
    expect(
      toText(overview(view, {stale: null, all: true, abnormal: null}), {colour: false}),
    ).toContain('s12 ');
  });

  test('gathers equal trouble of many services into one item', () => {
    const services = Array.from({length: itemsPerKindMax + 9}, (_, at) =>
      service(`s${at}`, {instances: [own('START_FAILED'), other('STOPPED')]}),
    );
    const text = page(healthy({services}));
    expect(text.match(/^!! .*$/gm)).toEqual(['!! 12 times: s0 is START_FAILED on node1']);
    expect(text).toContain('The same for s0, s1, s2, s3, s4, s5, s6, s7 and 4 more.');
  });

  test('of eight nodes stays within the page by a second block', () => {
    const names = Array.from({length: 8}, (_, at) => `node${at + 1}`);
    const nodes = names.map((name, at) => ({...(at === 0 ? node() : peerNode()), name}));
    const view = healthy({nodes: nodes as never, media: [], services: []});
    const widest = Math.max(
      ...page(view)
        .split('\n')
        .slice(1)
        .map((line) => line.length),
    );
    expect(widest).toBeLessThanOrEqual(80);
    expect(page(view).match(/^\(node\)/gm)).toHaveLength(3);
  });

  test('makes terminal escapes harmless wherever they come from', () => {
    const evil = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202etxt';
    const freeze = {by: evil, why: evil, since: evil, untilMs: null, until: null};
    const view = healthy({
      cluster: evil,
      nodeFrozen: freeze,
      media: [multicast({fault: evil, label: evil})],
      alarms: [{code: evil, severity: 'critical', text: evil, remedies: [evil], ageMs: 1}],
      services: [
        service('web', {
          instances: [own('START_FAILED', {local: local({cause: cause('undo-failed', evil)})})],
        }),
      ],
    });
    const text = page(view);
    // oxlint-disable-next-line no-control-regex -- that none is left is the point
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(text).toContain('\\x1b]0;owned\\x07');
  });
});

describe('a cluster that nobody would take over from by itself', () => {
  const takeover = {possible: false, source: 'none', proof: 'P1', worstMs: null} as const;
  const freeze = {by: 'root', why: '', since: '', untilMs: null, until: null};

  test('says so, and where to read what is missing', () => {
    expect(page(healthy({takeover})).split('\n').slice(-5).join('\n')).toMatchInlineSnapshot(`
      "!  no service would be taken over by itself if its node died now
         The proof that a takeover needs is not at hand: it waits for an operator.
         -> ha check
         -> ha timeline
      "
    `);
  });

  test.each([
    ['the cluster is frozen', healthy({clusterFrozen: freeze})],
    ['this node is frozen', healthy({nodeFrozen: freeze})],
    ['this node is drained', healthy({nodes: [node({drained: true}), peerNode()]})],
    ['no other node is there', healthy({nodes: [node(), peerNode({state: 'silent'})]})],
    ['this node still listens', healthy({joining: true})],
  ])('says nothing more where %s', (_title, view) => {
    const kinds = abnormal({...view, takeover}).map(({kind}) => kind);
    expect(kinds).not.toContain('UNPROTECTED');
  });
});

describe('a quiet cluster', () => {
  const held = multicast({peers: [peerLink({state: 'held-down'})]});
  const partial = own('STARTED', {
    local: local({probe: {state: 'unknown', partial: true, verifiable: true, resources: []}}),
  });
  const repaired = own('STARTED', {local: starting().services[0]!.instances[0]!.local});
  test.each([
    ['healthy', healthy(), true],
    ['without a proof', healthy({takeover: {...healthy().takeover, possible: false}}), false],
    ['one link left', jeopardy(), false],
    ['waiting', takeoverWaiting(), false],
    ['two owners', dualActive(), false],
    ['frozen', frozen(), false],
    ['starting', starting(), false],
    ['a link that flapped', healthy({media: [held]}), false],
    ['in maintenance', healthy({nodes: [node(), peerNode({keeping: true})]}), false],
    ['of two minds', healthy({nodes: [node(), peerNode({configSkew: true})]}), false],
    ['partly up', healthy({services: [service('web', {instances: [partial]})]}), false],
    ['restarting', healthy({services: [service('web', {instances: [repaired]})]}), false],
    ['drained', healthy({nodes: [node({drained: true}), peerNode()]}), false],
  ])('%s has nothing to say exactly where it is quiet', (_title, view, quiet) => {
    expect(isQuiet(view)).toBe(quiet);
    expect(abnormal(view).length === 0).toBe(quiet);
  });
});
