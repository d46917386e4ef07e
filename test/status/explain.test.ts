import {describe, expect, test} from 'vitest';
import {explain} from '../../src/status/explain.ts';
import type {Explanation} from '../../src/status/explain.ts';
import {toText} from '../../src/status/lines.ts';
import {reasons} from '../../src/kernel/reasons.ts';
import type {ReasonCode} from '../../src/kernel/reasons.ts';
import {remediesFor} from '../../src/status/remedies.ts';
import {
  cause,
  frozen,
  healthy,
  local,
  node,
  node2,
  own,
  peerNode,
  service,
  stale,
  starting,
  takeoverWaiting,
} from './views.ts';
import type {StatusView} from '../../src/status/model.ts';

function text(view: StatusView, change: Partial<Explanation> = {}): string {
  const [first] = view.services;
  const explanation = {
    view,
    service: first!,
    stale: null,
    others: new Map(),
    silent: new Map(),
    ...change,
  };
  return toText(explain(explanation), {colour: false});
}

/** node2's own view of the same cluster. */
function fromNode2(): StatusView {
  const web = service('web', {
    instances: [
      {...own('STARTED'), local: null},
      {
        ...own('STOPPED', {node: node2}),
        local: local({
          cause: cause('found-stopped', 'every resource was probed down'),
          waiting: cause('peer-runs-it', 'node1 is STARTED with epoch 3'),
          probe: {state: 'down', partial: false, verifiable: true, resources: []},
        }),
      },
    ],
  });
  const nodes = [
    {...peerNode(), name: node().name},
    {...node(), name: node2},
  ];
  return healthy({node: node2, nodes, services: [web]});
}

/** node2 as it sees itself while node1 does not hear it: keys differ, or one way is cut. */
function runsOnNode2(): StatusView {
  const instances = [
    {...own('STOPPED'), local: null},
    {...own('STARTED', {node: node2}), local: local({})},
  ];
  return healthy({node: node2, services: [service('web', {instances})]});
}

describe('explain', () => {
  test('says per node what it waits for, by which clauses, and when it looks again', () => {
    const silent = new Map([['node2', 'node2 did not answer within 2 s']]);
    expect(text(takeoverWaiting(), {silent})).toMatchInlineSnapshot(`
      "web may run on node2 (UNKNOWN there); class exclusive, epoch 3
      a takeover needs P2: a lease that ran out, a goodbye, fencing or an operator

      node1 (here) STOPPED for 12 min
        why     found-stopped: found stopped when the daemon started
                every resource was probed down
        probe   down, 2.3 s ago (app#1 down)
        waits   disk-wait (node2): the other node's disk lease has not run out yet
                node2's slot on hb#3 has not changed for 11.8 s of 18.6 s.
                It is looked at again by itself in 6.8 s.
        verdict node2: wait, proof P1 by D4, D7, again in 6.8 s (disk-wait)
                  hb#1  silent, own end in order  12 s
                  hb#2  silent, own end in order  12 s
                  hb#3  slot unchanged            12 s

      node2 UNKNOWN for 7.0 s
        node    silent, heard 12 s ago
        asked   node2 did not answer within 2 s
      "
    `);
  });

  test('lets each node speak for itself where it answers', () => {
    const others = new Map([['node2', fromNode2()]]);
    expect(text(healthy(), {others})).toMatchInlineSnapshot(`
      "web runs on node1; class exclusive, epoch 3
      a takeover needs P2: a lease that ran out, a goodbye, fencing or an operator

      node1 (here) STARTED for 12 min
        why     start-done: every resource was started and probed up
                app#1 was started and answers
        probe   up, 2.3 s ago (app#1 up)

      node2 STOPPED for 12 min
        why     found-stopped: found stopped when the daemon started
                every resource was probed down
        probe   down, 2.3 s ago
        waits   peer-runs-it: another node runs it or is about to
                node1 is STARTED with epoch 3.
      "
    `);
  });

  test('begins with where it runs, by the word of the node that runs it', () => {
    const [first] = text(takeoverWaiting(), {
      others: new Map([['node2', runsOnNode2()]]),
    }).split(';');
    expect(first).toBe('web runs on node2');
  });

  test.each([
    ['STOP_FAILED', 'web may still run on node1'],
    ['STOPPED', 'web runs nowhere'],
    ['START_FAILED', 'web runs nowhere'],
    ['UNKNOWN', 'web may run on node1 (UNKNOWN there)'],
  ] as const)('begins with what %s means for where it runs', (state, expected) => {
    const instances = [own(state), own('STOPPED', {node: node2, local: null})];
    const view = healthy({services: [service('web', {instances})]});
    expect(text(view).split(';')[0]).toBe(expected);
  });

  test('says who froze it and how to lift that', () => {
    expect(text(frozen())).toMatchInlineSnapshot(`
      "web runs on node1; class exclusive, epoch 3
      a takeover needs P2: a lease that ran out, a goodbye, fencing or an operator

      node1 (here) FROZEN_START for 12 min
        why     frozen-by-operator: an operator froze it
                root@pts/1 froze it
        freeze  Frozen by root@pts/1 at 2026-11-20T21:40:00Z, until
                2026-11-20T23:40:00Z: kernel update of node2.
        probe   up, 2.3 s ago (app#1 up)
        try     ha unfreeze web

      node2 FROZEN_STOP for 12 min
        node    alive, heard 0.4 s ago
      "
    `);
  });

  test('shows where a start is', () => {
    expect(text(starting())).toContain(
      '  step    Step 2 of 4: start app#2, 12 s of at most 60 s.\n',
    );
  });

  test('of what only a person can end names the command', () => {
    const instance = own('STOPPED', {
      local: local({waiting: cause('peer-not-proven-dead', 'node2 is silent for 40 s')}),
    });
    const view = healthy({
      nodes: [node(), peerNode({state: 'silent'})],
      services: [service('web', {instances: [instance]})],
    });
    expect(text(view)).toContain('This does not pass by itself with time.');
    expect(text(view)).toContain('  try     ha confirm-dead node2 --i-have-checked\n');
  });

  test('of a dead daemon begins with what brings it back', () => {
    expect(text(healthy(), {stale}).split('\n').slice(0, 4)).toMatchInlineSnapshot(`
      [
        "   No daemon listens on /run/ha/control.sock. What follows is 4 min old.",
        "   -> systemctl start ha",
        "",
        "web runs on node1; class exclusive, epoch 3",
      ]
    `);
  });

  test('of a node that does not know the service says so', () => {
    const others = new Map([['node2', healthy({node: node2, services: []})]]);
    expect(text(healthy(), {others})).toContain('node2 does not know the service');
  });
});

test('no remedy names a placeholder, and each is a command of ours or of the system', () => {
  for (const reason of Object.keys(reasons) as ReasonCode[]) {
    const commands = remediesFor(reason, {service: 'web', node: 'node1', peer: 'node2'});
    for (const command of commands) expect(command).toMatch(/^(?:ha [a-z]|df )[^<>[\]]*$/);
  }
});
