import {describe, expect, test} from 'vitest';
import {resourceId} from '../../src/kernel/ids.ts';
import type {ProbeState} from '../../src/kernel/words.ts';
import {toText} from '../../src/status/lines.ts';
import type {ResourceLabel} from '../../src/status/model.ts';
import {servicePage} from '../../src/status/service-page.ts';
import {tree} from '../../src/status/tree.ts';
import {healthy, jeopardy, local, other, own, service, stale, takeoverWaiting} from './views.ts';

const label = (rid: string, text: string, change: Partial<ResourceLabel> = {}): ResourceLabel => ({
  rid,
  label: text,
  optional: false,
  disabled: false,
  monitored: false,
  ...change,
});

const probed = (rid: string, state: ProbeState, detail = '', verifiable = true) => ({
  rid: resourceId(rid),
  state,
  detail,
  verifiable,
});

const labels = [
  label('fs#0', '/dev/mapper/vgsvc1-lvappsvc1@/svc1/app'),
  label('fs#1', '/dev/mapper/vgsvc1-lvdatasvc1@/svc1/data', {optional: true}),
  label('ip#0', 'p26.opensvc.com@eth0', {monitored: true}),
  label('app', 'app'),
];

describe('the tree', () => {
  test('has the columns that users of OpenSVC know', () => {
    const resources = [
      probed('fs#0', 'up'),
      probed('fs#1', 'down', '/svc1/data is not mounted'),
      probed('ip#0', 'up'),
      probed('app', 'unknown', 'no checkup scripts; the last completed action counts', false),
    ];
    const instance = own('STARTED', {
      local: local({probe: {state: 'unknown', partial: true, verifiable: false, resources}}),
    });
    const p26 = service('p26.opensvc.com', {instances: [instance, other('STOPPED')]});
    const view = healthy({
      media: [],
      services: [p26],
      resources: {'p26.opensvc.com': labels},
    });
    expect(toText(tree(view, p26), {colour: false})).toBe(
      [
        'p26.opensvc.com',
        'overall                   warn',
        '|- avail                  warn',
        '|  |- fs#0           .... up       /dev/mapper/vgsvc1-lvappsvc1@/svc1/app',
        '|  |- fs#1           ..O. down     /dev/mapper/vgsvc1-lvdatasvc1@/svc1/data',
        '|  |                               # /svc1/data is not mounted',
        '|  |- ip#0           M... up       p26.opensvc.com@eth0',
        "|  '- app            .... n/a      app",
        '|                                  # no checkup scripts',
        '|- sync                   n/a',
        "'- hb                     n/a",
        '',
      ].join('\n'),
    );
  });

  test('of a stopped instance is down, whatever its heartbeat says', () => {
    const view = jeopardy();
    const web = service('web', {instances: [own('STOPPED'), other('STARTED')]});
    expect(toText(tree(view, web), {colour: false})).toMatchInlineSnapshot(`
      "web
      overall                   down
      |- avail                  down
      |  '- app#1          .... down     app#1
      |- sync                   n/a
      '- hb                     warn
         |- hb#1           .... warn     eth0:239.131.50.10:1234
         |                               # node2 down, heard 4 min ago
         |- hb#2           .... warn     eth1:10.0.0.1:10000
         |                               # eth1 has no carrier
         |                               # node2 down, heard 4 min ago
         '- hb#3           .... up       /dev/mapper/14f504e46494c45526967724d32682d553243692d4f336a4c:0
      "
    `);
  });

  test('of a service that runs elsewhere and never here is n/a', () => {
    const view = healthy();
    const web = service('web', {instances: [other('STARTED')]});
    expect(toText(tree(view, web), {colour: false})).toMatchInlineSnapshot(`
      "web
      overall                   n/a
      |- avail                  n/a
      |- sync                   n/a
      '- hb                     up
         |- hb#1           .... up       eth0:239.131.50.10:1234
         |- hb#2           .... up       eth1:10.0.0.1:10000
         '- hb#3           .... up       /dev/mapper/14f504e46494c45526967724d32682d553243692d4f336a4c:0
      "
    `);
  });

  test('wraps a long log line under its label', () => {
    const detail = `check script failed: ${'connection refused '.repeat(8)}`.trim();
    const instance = own('STARTED', {
      local: local({
        probe: {
          state: 'down',
          partial: false,
          verifiable: true,
          resources: [probed('app#1', 'down', detail), probed('app#2', 'unknown', 'timed out')],
        },
      }),
    });
    const web = service('web', {instances: [instance]});
    expect(toText(tree(healthy({media: []}), web), {colour: false})).toMatchInlineSnapshot(`
      "web
      overall                   warn
      |- avail                  warn
      |  |- app#1          .... down     app#1
      |  |                               # check script failed: connection refused
      |  |                               # connection refused connection refused
      |  |                               # connection refused connection refused
      |  |                               # connection refused connection refused
      |  |                               # connection refused
      |  '- app#2          .... warn     app#2
      |                                  # timed out
      |- sync                   n/a
      '- hb                     n/a
      "
    `);
  });

  test('shows a disabled resource as n/a and one not probed yet as n/a', () => {
    const instance = own('STARTED', {local: local({probe: null})});
    const web = service('web', {instances: [instance]});
    const resources = {web: [label('app#1', 'one', {disabled: true}), label('app#2', 'two')]};
    const text = toText(tree(healthy({media: [], resources}), web), {colour: false});
    expect(text).toMatchInlineSnapshot(`
      "web
      overall                   n/a
      |- avail                  n/a
      |  |- app#1          .D.. n/a      one
      |  |                               # disabled
      |  '- app#2          .... n/a      two
      |                                  # not probed yet
      |- sync                   n/a
      '- hb                     n/a
      "
    `);
  });
});

describe('the page of a service', () => {
  test('is the tree, the instances, and what is abnormal', () => {
    const view = takeoverWaiting();
    const text = toText(servicePage(view, view.services[0]!, null), {colour: false});
    expect(text).toMatchInlineSnapshot(`
      "web
      overall                   down
      |- avail                  down
      |  '- app#1          .... down     app#1
      |- sync                   n/a
      '- hb                     warn
         |- hb#1           .... warn     eth0:239.131.50.10:1234
         |                               # node2 down, heard 12 s ago
         |- hb#2           .... warn     eth1:10.0.0.1:10000
         |                               # node2 down, heard 12 s ago
         '- hb#3           .... warn     /dev/mapper/14f504e46494c45526967724d32682d553243692d4f336a4c:0
                                         # node2 down, heard 12 s ago

      node          state    for     epoch  class exclusive
      node1 (here)  STOPPED  12 min  3      found-stopped
      node2         UNKNOWN  7.0 s   3

      !! web is down: the other node's disk lease has not run out yet (7.0 s)
         node2's slot on hb#3 has not changed for 11.8 s of 18.6 s.
         It is looked at again by itself in 6.8 s.
         -> ha explain web
      "
    `);
  });

  test('of a dead daemon begins with its age', () => {
    const view = healthy({media: []});
    const text = toText(servicePage(view, view.services[0]!, stale), {colour: false});
    expect(text).toMatchInlineSnapshot(`
      "   No daemon listens on /run/ha/control.sock. What follows is 4 min old.
         -> systemctl start ha

      web
      overall                   up
      |- avail                  up
      |  '- app#1          .... up       app#1
      |- sync                   n/a
      '- hb                     n/a

      node          state    for     epoch  class exclusive
      node1 (here)  STARTED  12 min  3      start-done
      node2         STOPPED  12 min  3
      "
    `);
  });
});
