import {mkdirSync, writeFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {nodeName} from '../../src/kernel/ids.ts';
import type {StatusView} from '../../src/status/model.ts';
import {frozen, healthy, jeopardy, takeoverWaiting} from '../status/views.ts';
import {firstLine} from '../../src/status/overview.ts';
import {Place, serve} from './cli.ts';

/** As the daemon leaves it behind: the view of four minutes ago. */
function leaveView(place: Place, view: StatusView): void {
  mkdirSync(place.env['HA_STATE']!, {recursive: true});
  writeFileSync(`${place.env['HA_STATE']!}/last-view.json`, JSON.stringify(view));
}

describe('ha status', () => {
  test('prints the overview of the daemon and ends with 0', async () => {
    const place = new Place();
    await serve(place, healthy());
    const {exit, stdout, stderr} = await place.ha(['status']);
    expect({exit, stderr}).toEqual({exit: 0, stderr: ''});
    expect(stdout.split('\n')[0]).toBe(firstLine(healthy(), null));
  });

  test.each([
    [['status', 'web'], "'- hb                     up"],
    [['status', '-c'], 'web node1=STARTED node2=STOPPED'],
    [['st', 'web', '--compact'], 'web node1=STARTED node2=STOPPED'],
    [['status', 'db', '--json'], '"db": {'],
    [['--run', '', 'status'], 'cluster blue: OK'],
    [['hb'], 'hb#1 multicast eth0:239.131.50.10:1234'],
    [['links', '--json'], '"label": "eth1:10.0.0.1:10000"'],
    [['explain', 'web'], 'a takeover needs P2'],
    [['metrics'], 'ha_up 1'],
  ])('%j answers', async (line, expected) => {
    const place = new Place();
    await serve(place, healthy());
    const {exit, stdout} = await place.ha(line);
    expect(stdout).toContain(expected);
    expect(exit).toBe(0);
  });

  test('colours only a terminal, and not against NO_COLOR', async () => {
    const place = new Place();
    await serve(place, healthy());
    const escape = '\u001b[32m';
    expect((await place.ha(['status'])).stdout).not.toContain(escape);
    expect((await place.ha(['status'], {terminal: true})).stdout).toContain(escape);
    const plain = await place.ha(['status'], {terminal: true, env: {NO_COLOR: '1'}});
    expect(plain.stdout).not.toContain(escape);
  });

  test('of an unknown service names the one that was meant and ends with 5', async () => {
    const place = new Place();
    await serve(place, healthy());
    expect(await place.ha(['status', 'wbe'])).toMatchInlineSnapshot(`
      {
        "exit": 5,
        "stderr": "ha: no service is called "wbe". Known: web, db
      ",
        "stdout": "",
      }
    `);
    expect((await place.ha(['explain', 'nothing-like-it'])).exit).toBe(5);
  });

  test('asks another node through this one', async () => {
    const place = new Place();
    const daemon = await serve(place, healthy(), (_request, exchange) => {
      const view = healthy({node: nodeName('node2')});
      exchange.reply({kind: 'end', exit: 0, text: '', data: view});
    });
    const {stdout} = await place.ha(['status', '--node', 'node2', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({node: 'node2'});
    expect(daemon.requests).toEqual([{op: 'view', node: 'node2', actor: 'reader'}]);
  });

  test('hands on the refusal of the daemon', async () => {
    const place = new Place();
    await serve(place, healthy(), (_request, exchange) => {
      exchange.reply({kind: 'end', exit: 5, text: 'no node is called\u001b x', data: null});
    });
    expect(await place.ha(['status', '-n', 'x'])).toEqual({
      exit: 5,
      stdout: '',
      stderr: 'ha: no node is called\\x1b x\n',
    });
  });
});

describe('without the daemon', () => {
  test('nothing known: says what to type and ends with 3', async () => {
    const place = new Place();
    expect(await place.ha(['status'])).toMatchInlineSnapshot(`
      {
        "exit": 3,
        "stderr": "ha: no daemon listens on /tmp/ha/ha.sock
         -> ha daemon --run /tmp/ha --state /tmp/ha/state --conf /tmp/ha/conf --nodename node1
      ",
        "stdout": "",
      }
    `);
  });

  test.each([
    ['linux', '/run/ha', '   -> systemctl start ha\n'],
    ['freebsd', '/var/run/ha', '   -> service ha start\n'],
  ])('on %s it names the service manager', async (platform, run, expected) => {
    const place = new Place();
    const {stderr} = await place.ha(['status', '--run', run], {platform});
    expect(stderr).toContain(expected);
  });

  test.each([
    [['status'], 'cluster blue: UNKNOWN - no answer from the daemon on node1; this was 4 min ago'],
    [['status', 'web'], 'What follows is 4 min old.'],
    [['status', '-c'], 'web node1=STARTED node2=STOPPED'],
    [['hb'], 'heard 4 min ago'],
    [['explain', 'web'], 'What follows is 4 min old.'],
  ])('%j shows the last known state with its age and ends with 3', async (line, expected) => {
    const place = new Place();
    leaveView(place, healthy());
    const {exit, stdout} = await place.ha(line);
    expect(stdout).toContain(expected);
    expect(exit).toBe(3);
  });

  test('the JSON says that it is remembered', async () => {
    const place = new Place();
    leaveView(place, healthy());
    const {exit, stdout} = await place.ha(['status', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      level: 'UNKNOWN',
      stale: {ageMs: 252_000},
      daemon: {reachable: false},
    });
    expect(exit).toBe(3);
  });

  test.each([
    ['torn', '{"services": ['],
    ['of another kind', '[]'],
    ['without a date', '{"services": [], "at": "yesterday"}'],
  ])('a last view that is %s counts as none', async (_title, text) => {
    const place = new Place();
    leaveView(place, healthy());
    writeFileSync(`${place.env['HA_STATE']!}/last-view.json`, text);
    expect(await place.ha(['status'])).toMatchObject({exit: 3, stdout: ''});
  });

  test('the metrics are a page with ha_up 0', async () => {
    const place = new Place();
    leaveView(place, healthy());
    expect((await place.ha(['metrics'])).stdout).toMatch(/^ha_up 0$/m);
    expect((await place.ha(['metrics'])).exit).toBe(3);
  });
});

describe('ha status --check', () => {
  test.each([
    ['a healthy cluster', healthy(), 0, 'HA OK - cluster blue: OK'],
    ['one link left', jeopardy(), 1, 'HA WARNING - cluster blue: JEOPARDY'],
    ['a service that is down', takeoverWaiting(), 2, 'HA CRITICAL - cluster blue: DOWN'],
    ['a freeze', frozen(), 1, 'HA WARNING - cluster blue: FROZEN'],
  ])('%s', async (_title, view, code, expected) => {
    const place = new Place();
    await serve(place, view);
    const {exit, stdout, stderr} = await place.ha(['status', '--check']);
    expect({exit, stderr}).toEqual({exit: code, stderr: ''});
    expect(stdout).toContain(expected);
    expect(stdout.match(/\n/g)).toHaveLength(1);
  });

  test('a dead daemon is unknown, with or without a last view', async () => {
    const place = new Place();
    expect(await place.ha(['status', '--check'])).toEqual({
      exit: 3,
      stdout: 'HA UNKNOWN - no daemon listens on /tmp/ha/ha.sock\n',
      stderr: '',
    });
    leaveView(place, healthy());
    expect((await place.ha(['status', '--check'])).stdout).toContain('HA UNKNOWN - cluster blue');
  });
});

describe('ha explain', () => {
  test('lets each node that answers speak for itself', async () => {
    const place = new Place();
    const daemon = await serve(place, takeoverWaiting(), (_request, exchange) => {
      exchange.reply({kind: 'end', exit: 3, text: 'node2 is not reachable', data: null});
    });
    const {stdout} = await place.ha(['explain', 'web']);
    expect(stdout).toContain('  asked   node2 is not reachable');
    expect(daemon.requests.map((request) => request.node)).toEqual([null, 'node2']);
  });

  test('gives verdicts with their evidence as JSON', async () => {
    const place = new Place();
    await serve(place, takeoverWaiting());
    const {stdout} = await place.ha(['explain', 'web', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      service: 'web',
      verdicts: [{node: 'node2', verdict: {decision: 'wait', clauses: ['D4', 'D7']}}],
      nodes: {node1: {cluster: 'blue'}},
    });
  });
});
