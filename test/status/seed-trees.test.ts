/** The listings of OpenSVC's own documents: the same resources must give the same page. */

import {describe, expect, test} from 'vitest';
import type {MediumView} from '../../src/engine/view.ts';
import {linkId, resourceId} from '../../src/kernel/ids.ts';
import {toText} from '../../src/status/lines.ts';
import type {ResourceLabel} from '../../src/status/model.ts';
import {treeJson} from '../../src/status/tree-model.ts';
import {tree} from '../../src/status/tree.ts';
import {healthy, local, own, service} from './views.ts';

interface Row {
  readonly rid: string;
  readonly label: string;
  readonly state: 'up' | 'down' | 'warn' | 'n/a';
  readonly log?: string;
  readonly encap?: boolean;
}

interface Listing {
  readonly name: string;
  readonly running: boolean;
  readonly rows: readonly Row[];
  readonly hb?: 'up' | 'open-ha daemons are not running';
}

function viewOf({name, running, rows, hb}: Listing) {
  const labels = rows.map(({rid, label, encap}): ResourceLabel => ({
    rid,
    label,
    optional: false,
    disabled: false,
    monitored: false,
    ...(encap === true ? {encap} : {}),
  }));
  const resources = rows.map(({rid, state, log}) => ({
    rid: resourceId(rid),
    state: state === 'up' || state === 'down' ? state : ('unknown' as const),
    verifiable: state !== 'n/a',
    detail: log ?? '',
  }));
  const probe = {state: 'unknown' as const, partial: false, verifiable: true, resources};
  const instance = own(running ? 'STARTED' : 'STOPPED', {local: local({probe})});
  const shown = service(name, {instances: [instance]});
  const medium: MediumView = {
    id: linkId('hb#0'),
    kind: 'unicast',
    label: 'hb.openha',
    fault: hb === 'up' ? null : (hb ?? null),
    sentAgeMs: null,
    peers: [],
  };
  const media = hb === undefined ? [] : [medium];
  return {shown, view: healthy({media, services: [shown], resources: {[name]: labels}})};
}

function page(listing: Listing): string {
  const {shown, view} = viewOf(listing);
  return toText(tree(view, shown), {colour: false});
}

const p26 = 'p26.opensvc.com';
const update = {state: 'down', log: 'node2 need update'} as const;

/** vg, fs#0, fs#1 and ip in their states, then app and the copy of the configuration. */
function started(
  states: readonly Row['state'][],
  app: Pick<Row, 'state' | 'log'>,
  sync: Pick<Row, 'state' | 'log'>,
): readonly Row[] {
  const [vg = 'up', fs0 = vg, fs1 = fs0, ip = fs1] = states;
  // In the order of a file that an operator wrote, which is not the order of the page.
  return [
    {rid: 'sync#i0', label: 'rsync svc config to drpnodes, nodes', ...sync},
    {rid: 'app', label: 'app', ...app},
    {rid: 'ip#0', label: `${p26}@eth0`, state: ip},
    {rid: 'vg#0', label: 'vgsvc1', state: vg},
    {rid: 'fs#0', label: '/dev/mapper/vgsvc1-lvappsvc1@/svc1/app', state: fs0},
    {rid: 'fs#1', label: '/dev/mapper/vgsvc1-lvdatasvc1@/svc1/data', state: fs1},
  ];
}

describe('getting started', () => {
  test('a service of which only the volume group is active', () => {
    const rows = started(
      ['up', 'down'],
      {state: 'down', log: 'not there'},
      {state: 'warn', log: 'passive node needs update'},
    );
    expect(page({name: p26, running: false, rows})).toMatchInlineSnapshot(`
      "p26.opensvc.com
      overall                   warn
      |- avail                  warn
      |  |- vg#0           .... up       vgsvc1
      |  |- fs#0           .... down     /dev/mapper/vgsvc1-lvappsvc1@/svc1/app
      |  |- fs#1           .... down     /dev/mapper/vgsvc1-lvdatasvc1@/svc1/data
      |  |- ip#0           .... down     p26.opensvc.com@eth0
      |  '- app            .... n/a      app
      |- sync                   warn
      |  '- sync#i0        .... warn     rsync svc config to drpnodes, nodes
      |                                  # passive node needs update
      '- hb                     n/a
      "
    `);
  });

  test('started, with no check of the application and a copy that is old', () => {
    const app = {
      state: 'n/a',
      log: 'no checkup scripts; the last completed action counts',
    } as const;
    const rows = started(['up'], app, update);
    expect(page({name: p26, running: true, rows})).toMatchInlineSnapshot(`
      "p26.opensvc.com
      overall                   warn
      |- avail                  up
      |  |- vg#0           .... up       vgsvc1
      |  |- fs#0           .... up       /dev/mapper/vgsvc1-lvappsvc1@/svc1/app
      |  |- fs#1           .... up       /dev/mapper/vgsvc1-lvdatasvc1@/svc1/data
      |  |- ip#0           .... up       p26.opensvc.com@eth0
      |  '- app            .... n/a      app
      |                                  # no checkup scripts
      |- sync                   down
      |  '- sync#i0        .... down     rsync svc config to drpnodes, nodes
      |                                  # node2 need update
      '- hb                     n/a
      "
    `);
  });

  test('started, with a check of the application and a copy that is old', () => {
    const rows = started(['up'], {state: 'up'}, update);
    expect(page({name: p26, running: true, rows})).toMatchInlineSnapshot(`
      "p26.opensvc.com
      overall                   warn
      |- avail                  up
      |  |- vg#0           .... up       vgsvc1
      |  |- fs#0           .... up       /dev/mapper/vgsvc1-lvappsvc1@/svc1/app
      |  |- fs#1           .... up       /dev/mapper/vgsvc1-lvdatasvc1@/svc1/data
      |  |- ip#0           .... up       p26.opensvc.com@eth0
      |  '- app            .... up       app
      |- sync                   down
      |  '- sync#i0        .... down     rsync svc config to drpnodes, nodes
      |                                  # node2 need update
      '- hb                     n/a
      "
    `);
  });

  test('stopped, with a copy that is old', () => {
    const rows = started(['down'], {state: 'down', log: 'exit code 1'}, update);
    expect(page({name: p26, running: false, rows})).toMatchInlineSnapshot(`
      "p26.opensvc.com
      overall                   down
      |- avail                  down
      |  |- vg#0           .... down     vgsvc1
      |  |- fs#0           .... down     /dev/mapper/vgsvc1-lvappsvc1@/svc1/app
      |  |- fs#1           .... down     /dev/mapper/vgsvc1-lvdatasvc1@/svc1/data
      |  |- ip#0           .... down     p26.opensvc.com@eth0
      |  '- app            .... n/a      app
      |- sync                   down
      |  '- sync#i0        .... down     rsync svc config to drpnodes, nodes
      |                                  # node2 need update
      '- hb                     n/a
      "
    `);
  });

  test('started, and all is well', () => {
    const rows = started(['up'], {state: 'up'}, {state: 'up'});
    expect(page({name: p26, running: true, rows})).toMatchInlineSnapshot(`
      "p26.opensvc.com
      overall                   up
      |- avail                  up
      |  |- vg#0           .... up       vgsvc1
      |  |- fs#0           .... up       /dev/mapper/vgsvc1-lvappsvc1@/svc1/app
      |  |- fs#1           .... up       /dev/mapper/vgsvc1-lvdatasvc1@/svc1/data
      |  |- ip#0           .... up       p26.opensvc.com@eth0
      |  '- app            .... up       app
      |- sync                   up
      |  '- sync#i0        .... up       rsync svc config to drpnodes, nodes
      '- hb                     n/a
      "
    `);
  });

  test('started, without the daemons of its cluster', () => {
    const rows = started(['up'], {state: 'up'}, {state: 'up'});
    const hb = 'open-ha daemons are not running';
    expect(page({name: p26, running: true, rows, hb})).toMatchInlineSnapshot(`
      "p26.opensvc.com
      overall                   warn
      |- avail                  up
      |  |- vg#0           .... up       vgsvc1
      |  |- fs#0           .... up       /dev/mapper/vgsvc1-lvappsvc1@/svc1/app
      |  |- fs#1           .... up       /dev/mapper/vgsvc1-lvdatasvc1@/svc1/data
      |  |- ip#0           .... up       p26.opensvc.com@eth0
      |  '- app            .... up       app
      |- sync                   up
      |  '- sync#i0        .... up       rsync svc config to drpnodes, nodes
      '- hb                     warn
         '- hb#0           .... warn     hb.openha
                                         # open-ha daemons are not running
      "
    `);
  });

  test('stopped, without the daemons of its cluster', () => {
    const rows = started(['down'], {state: 'down'}, {state: 'up'});
    const hb = 'open-ha daemons are not running';
    expect(page({name: p26, running: false, rows, hb})).toMatchInlineSnapshot(`
      "p26.opensvc.com
      overall                   down
      |- avail                  down
      |  |- vg#0           .... down     vgsvc1
      |  |- fs#0           .... down     /dev/mapper/vgsvc1-lvappsvc1@/svc1/app
      |  |- fs#1           .... down     /dev/mapper/vgsvc1-lvdatasvc1@/svc1/data
      |  |- ip#0           .... down     p26.opensvc.com@eth0
      |  '- app            .... n/a      app
      |- sync                   up
      |  '- sync#i0        .... up       rsync svc config to drpnodes, nodes
      '- hb                     warn
         '- hb#0           .... warn     hb.openha
                                         # open-ha daemons are not running
      "
    `);
  });

  test('started by its cluster', () => {
    const rows = started(['up'], {state: 'up'}, {state: 'up'});
    expect(page({name: p26, running: true, rows, hb: 'up'})).toMatchInlineSnapshot(`
      "p26.opensvc.com
      overall                   up
      |- avail                  up
      |  |- vg#0           .... up       vgsvc1
      |  |- fs#0           .... up       /dev/mapper/vgsvc1-lvappsvc1@/svc1/app
      |  |- fs#1           .... up       /dev/mapper/vgsvc1-lvdatasvc1@/svc1/data
      |  |- ip#0           .... up       p26.opensvc.com@eth0
      |  '- app            .... up       app
      |- sync                   up
      |  '- sync#i0        .... up       rsync svc config to drpnodes, nodes
      '- hb                     up
         '- hb#0           .... up       hb.openha
      "
    `);
  });
});

describe('HP 3PAR', () => {
  const svc1 = 'svc1.opensvc.com';
  const disks = (names: readonly string[]) => names.map((name) => `/dev/${name}`).join(', ');
  const rows = (
    state: Row['state'],
    names: readonly string[],
    group: string,
    withIp: boolean,
  ): readonly Row[] => [
    {rid: 'sync#i0', label: 'rsync svc config to drpnodes, nodes', state: 'up'},
    {rid: 'sync#1', label: `hp3par async ${group}`, state: 'up'},
    {rid: 'vg#1pr', label: disks(names), state},
    {rid: 'vg#1', label: 'vg_svc1', state},
    {rid: 'fs#1', label: '/dev/mapper/v_svc1-rootdisk@/opt/svc1.opensvc.com', state},
    {rid: 'container#0', label: svc1, state},
    ...(withIp ? [{rid: 'ip#1', label: `${svc1}@eth0`, state, encap: true}] : []),
  ];
  const here = ['sdgq', 'sdax', 'sden', 'sdgi'];
  const there = ['sdfi', 'sdej', 'sddk', 'sdgh'];

  test('up at the first site', () => {
    const all = rows('up', here, 'MYRCG', true);
    expect(page({name: svc1, running: true, rows: all})).toMatchInlineSnapshot(`
      "svc1.opensvc.com
      overall                   up
      |- avail                  up
      |  |- container#0    .... up       svc1.opensvc.com
      |  |  '- ip#1        ...E up       svc1.opensvc.com@eth0
      |  |- vg#1pr         .... up       /dev/sdgq, /dev/sdax, /dev/sden, /dev/sdgi
      |  |- vg#1           .... up       vg_svc1
      |  '- fs#1           .... up       /dev/mapper/v_svc1-rootdisk@/opt/svc1.opensvc.com
      |- sync                   up
      |  |- sync#i0        .... up       rsync svc config to drpnodes, nodes
      |  '- sync#1         .... up       hp3par async MYRCG
      '- hb                     n/a
      "
    `);
  });

  test('down at the second site', () => {
    const all = rows('down', there, 'MYRCG.r12345', true);
    expect(page({name: svc1, running: false, rows: all})).toMatchInlineSnapshot(`
      "svc1.opensvc.com
      overall                   down
      |- avail                  down
      |  |- container#0    .... down     svc1.opensvc.com
      |  |  '- ip#1        ...E down     svc1.opensvc.com@eth0
      |  |- vg#1pr         .... down     /dev/sdfi, /dev/sdej, /dev/sddk, /dev/sdgh
      |  |- vg#1           .... down     vg_svc1
      |  '- fs#1           .... down     /dev/mapper/v_svc1-rootdisk@/opt/svc1.opensvc.com
      |- sync                   up
      |  |- sync#i0        .... up       rsync svc config to drpnodes, nodes
      |  '- sync#1         .... up       hp3par async MYRCG.r12345
      '- hb                     n/a
      "
    `);
  });

  test('stopped at the first site, where the container can not be looked into', () => {
    const all = rows('down', here, 'MYRCG', false);
    expect(page({name: svc1, running: false, rows: all})).toMatchInlineSnapshot(`
      "svc1.opensvc.com
      overall                   down
      |- avail                  down
      |  |- container#0    .... down     svc1.opensvc.com
      |  |- vg#1pr         .... down     /dev/sdgq, /dev/sdax, /dev/sden, /dev/sdgi
      |  |- vg#1           .... down     vg_svc1
      |  '- fs#1           .... down     /dev/mapper/v_svc1-rootdisk@/opt/svc1.opensvc.com
      |- sync                   up
      |  |- sync#i0        .... up       rsync svc config to drpnodes, nodes
      |  '- sync#1         .... up       hp3par async MYRCG
      '- hb                     n/a
      "
    `);
  });

  test('up at the second site', () => {
    const all = rows('up', there, 'MYRCG.r12345', true);
    expect(page({name: svc1, running: true, rows: all})).toMatchInlineSnapshot(`
      "svc1.opensvc.com
      overall                   up
      |- avail                  up
      |  |- container#0    .... up       svc1.opensvc.com
      |  |  '- ip#1        ...E up       svc1.opensvc.com@eth0
      |  |- vg#1pr         .... up       /dev/sdfi, /dev/sdej, /dev/sddk, /dev/sdgh
      |  |- vg#1           .... up       vg_svc1
      |  '- fs#1           .... up       /dev/mapper/v_svc1-rootdisk@/opt/svc1.opensvc.com
      |- sync                   up
      |  |- sync#i0        .... up       rsync svc config to drpnodes, nodes
      |  '- sync#1         .... up       hp3par async MYRCG.r12345
      '- hb                     n/a
      "
    `);
  });

  test('as JSON', () => {
    const all = rows('up', here, 'MYRCG', true);
    const {shown, view} = viewOf({name: svc1, running: true, rows: all});
    const json = treeJson(view, shown);
    expect(json).toMatchObject({overall: 'up', avail: 'up', sync: 'up', hb: 'n/a'});
    const resources = json['resources'] as Record<string, unknown>;
    expect(Object.keys(resources)).toEqual([
      'container#0',
      'ip#1',
      'vg#1pr',
      'vg#1',
      'fs#1',
      'sync#i0',
      'sync#1',
    ]);
    expect(resources['ip#1']).toEqual({
      status: 'up',
      label: `${svc1}@eth0`,
      log: [],
      monitor: false,
      disable: false,
      optional: false,
      encap: true,
    });
  });
});

test('what is kept up beside the service is shown in the words of a standby', () => {
  const labels = ['fs#0', 'app#1'].map((rid): ResourceLabel => ({
    rid,
    label: rid,
    optional: false,
    disabled: false,
    monitored: false,
    standby: rid === 'fs#0',
  }));
  const resources = [
    {rid: resourceId('fs#0'), state: 'up' as const, verifiable: true, detail: ''},
    {rid: resourceId('app#1'), state: 'down' as const, verifiable: true, detail: ''},
  ];
  const probe = {state: 'unknown' as const, partial: true, verifiable: true, resources};
  const web = service('web', {instances: [own('STOPPED', {local: local({probe})})]});
  const view = healthy({media: [], services: [web], resources: {web: labels}});
  expect(treeJson(view, web)).toMatchObject({
    overall: 'stdby up',
    avail: 'stdby up',
    resources: {'fs#0': {status: 'stdby up'}, 'app#1': {status: 'down'}},
  });
});
