/** OpenHA's programs, under their own names and behind `ha`; their output to the byte. */

import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {localDate} from '../../src/cli/openha/hb.ts';
import {diskId, linkId} from '../../src/kernel/ids.ts';
import type {StatusView} from '../../src/status/model.ts';
import {disk, healthy, multicast, other, own, peerLink, service} from '../status/views.ts';
import {answerDone, orders, Place, serve} from './cli.ts';

const device = '/dev/mapper/14f504e46494c45526967724d32682d553243692d4f336a4c';

const files = {
  nodes: 'node1\nnode2\n',
  monitor: `node1 net eth0 239.131.50.10 1234 10
node1 dio ${device} 0 10
node2 net eth0 239.131.50.10 4321 10
node2 dio ${device} 2 10
`,
  services: 'p26.opensvc.com\t/etc/opensvc/p26.opensvc.com.cluster\tnode1\tnode2\t/bin/true\n',
};

function openhaPlace(): Place {
  const place = new Place();
  const conf = place.env['HA_CONF']!;
  mkdirSync(conf);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(conf, name), text);
  return place;
}

const read = (place: Place, file: string): string =>
  readFileSync(join(place.env['HA_CONF']!, file), 'utf8');

const p26 = (change: Partial<StatusView> = {}): StatusView =>
  healthy({
    services: [service('p26.opensvc.com', {instances: [own('STARTED'), other('STOPPED')]})],
    ...change,
  });

const serviceStatus = `1 service(s) defined:
Service: p26.opensvc.com
	Primary  : node1, STARTED
	Secondary: node2, STOPPED
`;

describe('service', () => {
  test.each([
    ['service', ['-s']],
    ['ha', ['service', '-s']],
    ['openha', ['service', '-s']],
    ['ha', ['openha', 'service', '-s']],
  ])('as %s %j prints what OpenHA prints', async (programName, line) => {
    const place = openhaPlace();
    await serve(place, p26());
    expect(await place.ha(line, {programName})).toEqual({
      exit: 0,
      stdout: serviceStatus,
      stderr: '',
    });
  });

  test('-s -c and -i answer', async () => {
    const place = openhaPlace();
    await serve(place, p26());
    const columns = await place.ha(['service', '-s', '-c']);
    expect(columns.stdout).toMatch(/^service {10}prinode {10}pristate {7}secnode/);
    const info = await place.ha(['service', '-i', 'p26.opensvc.com']);
    expect(info.stdout).toContain('we are Primary for service p26.opensvc.com\n');
    expect((await place.ha(['service', '-i', 'nothing'])).exit).toBe(5);
  });

  test.each([
    ['start', {verb: 'start', service: 'p26.opensvc.com'}],
    ['stop', {verb: 'stop', service: 'p26.opensvc.com'}],
    ['unfreeze', {verb: 'unfreeze', scope: {kind: 'service', service: 'p26.opensvc.com'}}],
    ['freeze-stop', {verb: 'freeze-stop', service: 'p26.opensvc.com'}],
    ['freeze-start', {verb: 'freeze-start', service: 'p26.opensvc.com'}],
    ['force-stop', {verb: 'declare', service: 'p26.opensvc.com', running: false}],
    ['force-start', {verb: 'declare', service: 'p26.opensvc.com', running: true}],
  ])('-A NAME %s acts on this node alone and is silent in a pipe', async (action, command) => {
    const place = openhaPlace();
    const daemon = await serve(place, p26());
    const outcome = await place.ha(['-A', 'p26.opensvc.com', action], {programName: 'service'});
    expect(outcome).toEqual({exit: 0, stdout: '', stderr: ''});
    expect(daemon.requests.at(-1)).toMatchObject({op: 'command', node: 'node1', command});
    expect(orders(daemon)).toHaveLength(1);
  });

  test('-A ACTION acts on every service and goes on past a failure', async () => {
    const place = openhaPlace();
    const daemon = await serve(place, healthy(), (request, exchange) => {
      const first = 'command' in request && 'service' in request.command;
      if (!first || request.command.service !== 'web') answerDone(request, exchange);
      else exchange.reply({kind: 'end', exit: 1, text: 'web is STOP_FAILED', data: null});
    });
    const {exit, stderr} = await place.ha(['service', '-A', 'stop']);
    expect({exit, stderr}).toEqual({exit: 1, stderr: 'web is STOP_FAILED\n'});
    expect(orders(daemon)).toEqual(['node1: stop', 'node1: stop']);
  });

  test('an unknown action or option is refused', async () => {
    const place = openhaPlace();
    await serve(place, p26());
    expect(await place.ha(['service', '-A', 'p26.opensvc.com', 'explode'])).toEqual({
      exit: 2,
      stdout: '',
      stderr: 'Error: action explode not found !\n',
    });
    for (const line of [['-z'], [], ['-a', 'web'], ['-s', '-x']]) {
      const {exit, stderr} = await place.ha(['service', ...line]);
      expect(exit).toBe(2);
      expect(stderr).toContain('service -A NAME ACTION');
    }
  });

  test('-s without the daemon prints the last known states and ends with 3', async () => {
    const place = openhaPlace();
    mkdirSync(place.env['HA_STATE']!);
    writeFileSync(`${place.env['HA_STATE']!}/last-view.json`, JSON.stringify(p26()));
    const {exit, stdout, stderr} = await place.ha(['service', '-s']);
    expect({exit, stdout}).toEqual({exit: 3, stdout: serviceStatus});
    expect(stderr).toContain('These are the last known states.');
  });

  test('-a and -r edit the services file and tell the daemon', async () => {
    const place = openhaPlace();
    const daemon = await serve(place, p26());
    const added = await place.ha(['-a', 'web', '/etc/web', 'node1', 'node2', '/bin/true'], {
      programName: 'service',
    });
    expect(added).toEqual({
      exit: 0,
      stdout: 'Creating service web :\nMake of services directory done\nDone.\n',
      stderr: '',
    });
    expect(read(place, 'services')).toBe(
      `${files.services}web\t/etc/web\tnode1\tnode2\t/bin/true\n`,
    );
    const removed = await place.ha(['service', '-r', 'web']);
    expect(removed).toEqual({exit: 0, stdout: 'Done.\n', stderr: ''});
    expect(read(place, 'services')).toBe(files.services);
    expect(daemon.requests.map((request) => request.op)).toEqual(['reload', 'reload']);
    expect(readdirSync(place.env['HA_CONF']!).sort()).toEqual(['monitor', 'nodes', 'services']);
  });

  test('-a of a service that is there changes nothing', async () => {
    const place = openhaPlace();
    const line = ['-a', 'p26.opensvc.com', '/etc/x', 'node1', 'node2', '/bin/true'];
    const {exit, stdout, stderr} = await place.ha(['service', ...line]);
    expect({exit, stdout}).toEqual({
      exit: 1,
      stdout: 'Creating service p26.opensvc.com :\nFailed.\n',
    });
    expect(stderr).toContain('service p26.opensvc.com is defined already');
    expect(read(place, 'services')).toBe(files.services);
  });

  test('-a works before the first start of a daemon', async () => {
    const place = new Place();
    mkdirSync(place.env['HA_CONF']!);
    const line = ['-a', 'web', '/etc/web', 'node1', 'node2', '/bin/true'];
    expect((await place.ha(['service', ...line])).exit).toBe(0);
    expect(read(place, 'services')).toBe('web\t/etc/web\tnode1\tnode2\t/bin/true\n');
  });
});

describe('hb', () => {
  const view = p26({
    mediaPids: {'hb#net1': 25633, 'hb#disk1': 25636},
    media: [
      multicast({id: linkId('hb#net1')}),
      disk({id: diskId('hb#disk1'), peers: [peerLink({ageMs: 2_900})]}),
    ],
  });

  test('-s lists senders and receivers in the order of the monitor file', async () => {
    const place = openhaPlace();
    await serve(place, view);
    const {exit, stdout} = await place.ha(['-s'], {programName: 'hb'});
    const at = (ageMs: number): string => localDate(Date.parse(view.at) - ageMs);
    expect(stdout).toBe(
      `interface eth0:239.131.50.10:1234 pid 25633 status UP, updated at ${at(210)}\n` +
        `interface ${device}:0 pid 25636 status UP, updated at ${at(640)}\n` +
        `interface eth0:239.131.50.10:4321 pid 25633 status UP, updated at ${at(400)}\n` +
        `interface ${device}:2 pid 25636 status UP, updated at ${at(2_900)}\n`,
    );
    expect(exit).toBe(0);
  });

  test('-s without the daemon says DOWN for each and ends with 3', async () => {
    const place = openhaPlace();
    const {exit, stdout} = await place.ha(['ha', 'hb', '-s'].slice(1));
    expect(stdout.match(/status DOWN\n/g)).toHaveLength(4);
    expect(exit).toBe(3);
  });

  test('dates have the form Mon DD HH:MM:SS of this machine', () => {
    expect(localDate(new Date(2014, 1, 9, 20, 5, 7).getTime())).toBe('Feb 09 20:05:07');
    expect(localDate(new Date(2014, 11, 19, 0, 0, 0).getTime())).toBe('Dec 19 00:00:00');
  });

  test('-a and -r edit the monitor file', async () => {
    const place = openhaPlace();
    const fields = ['-n', 'node1', '-t', 'net', '-i', 'eth1', '-d', '239.131.50.11', '-p', '1234'];
    const added = await place.ha(['-a', ...fields, '-T', '10'], {programName: 'hb'});
    expect(added).toEqual({exit: 0, stdout: 'Add heartbeat done.\n', stderr: ''});
    expect(read(place, 'monitor')).toContain('node1 net eth1 239.131.50.11 1234 10\n');
    const removed = await place.ha(['hb', '-r', ...fields]);
    expect(removed).toEqual({exit: 0, stdout: 'Remove heartbeat done.\n', stderr: ''});
    expect(read(place, 'monitor')).toBe(files.monitor);
    const again = await place.ha(['hb', '-r', ...fields]);
    expect(again).toMatchObject({exit: 1, stdout: 'Remove heartbeat failed.\n'});
  });

  test('an option that OpenHA does not know is refused', async () => {
    expect((await new Place().ha(['-a', '-x', 'y'], {programName: 'hb'})).exit).toBe(2);
    expect((await new Place().ha([], {programName: 'hb'})).exit).toBe(2);
  });
});

describe('openha', () => {
  test('ps lists the daemon and its disk children', async () => {
    const place = openhaPlace();
    await serve(place, p26());
    expect((await place.ha(['ps'], {programName: 'openha'})).stdout).toMatchInlineSnapshot(`
      "PID   PROCESS
      4211  ha daemon
      4218  ha daemon, disk heartbeat hb#3
      "
    `);
  });

  test('status shows services and links', async () => {
    const place = openhaPlace();
    await serve(place, p26({media: [multicast({id: linkId('hb#net1')})]}));
    const {exit, stdout} = await place.ha(['status'], {programName: 'openha'});
    expect(exit).toBe(0);
    expect(stdout).toContain(serviceStatus);
    expect(stdout).toContain('interface eth0:239.131.50.10:1234 pid 4211 status UP');
  });

  test('kill asks as ha daemon stop does', async () => {
    const place = openhaPlace();
    const daemon = await serve(place, p26());
    expect((await place.ha(['kill'], {programName: 'openha'})).exit).toBe(107);
    expect((await place.ha(['kill', '--yes'], {programName: 'openha'})).exit).toBe(0);
    expect(orders(daemon)).toEqual(['here: shutdown']);
  });

  test('another word is refused', async () => {
    expect((await new Place().ha(['frobnicate'], {programName: 'openha'})).exit).toBe(2);
  });
});

describe('under the name of a service', () => {
  test.each([[['print', 'status']], [['print_status']], [['status']]])(
    '%j prints its tree',
    async (line) => {
      const place = openhaPlace();
      await serve(place, p26());
      const {exit, stdout} = await place.ha(line, {programName: 'p26.opensvc.com'});
      expect(exit).toBe(0);
      expect(stdout).toMatch(/^p26\.opensvc\.com\noverall {19}up\n/);
    },
  );

  test('actions are ours', async () => {
    const place = openhaPlace();
    const daemon = await serve(place, p26());
    for (const line of [['stop'], ['thaw'], ['switch', '--to', 'node2']]) {
      expect((await place.ha(line, {programName: 'p26.opensvc.com'})).exit).toBe(0);
    }
    expect(orders(daemon)).toEqual([
      'node2: freeze-stop',
      'node1: freeze-stop',
      'node1: unfreeze',
      'node2: unfreeze',
      'node1: switch',
    ]);
  });

  test('svcmgr takes the service as an option', async () => {
    const place = openhaPlace();
    await serve(place, p26());
    for (const line of [
      ['-s', 'p26.opensvc.com', 'print', 'status'],
      ['print', 'status', '--service=p26.opensvc.com'],
    ]) {
      const {exit, stdout} = await place.ha(line, {programName: 'svcmgr'});
      expect({exit, first: stdout.split('\n')[0]}).toEqual({exit: 0, first: 'p26.opensvc.com'});
    }
    expect((await place.ha(['print', 'status'], {programName: 'svcmgr'})).exit).toBe(2);
  });

  describe('SERVICE.stonith', () => {
    const programName = 'p26.opensvc.com.stonith';
    const seen = (state: StatusView['nodes'][number]['state']): StatusView => {
      const view = p26();
      return {...view, nodes: view.nodes.map((node) => (node.local ? node : {...node, state}))};
    };

    test.each([[[]], [['stonith']]])('%j fences who is silent', async (line) => {
      const place = openhaPlace();
      const daemon = await serve(place, seen('silent'));
      expect((await place.ha(line, {programName})).exit).toBe(0);
      expect(orders(daemon)).toEqual(['node1: fence']);
    });

    test.each(['alive', 'dead', 'left'] as const)('spares who is %s', async (state) => {
      const place = openhaPlace();
      const daemon = await serve(place, seen(state));
      expect(await place.ha([], {programName})).toEqual({
        exit: 0,
        stdout: `${programName}: nobody to switch off: bypassed\n`,
        stderr: '',
      });
      expect(orders(daemon)).toEqual([]);
    });

    test('says so where the node could not be switched off', async () => {
      const place = openhaPlace();
      const text = 'node2 could not be fenced';
      await serve(place, seen('silent'), (_, exchange) =>
        exchange.reply({kind: 'end', exit: 1, text, data: null}),
      );
      expect((await place.ha([], {programName})).exit).toBe(1);
    });

    test('of an unknown service, or with another word, is refused', async () => {
      const place = openhaPlace();
      const daemon = await serve(place, seen('silent'));
      expect((await place.ha([], {programName: 'p27.stonith'})).exit).toBe(5);
      expect((await place.ha(['start'], {programName})).exit).toBe(2);
      expect(orders(daemon)).toEqual([]);
    });
  });

  test('an unknown action, service or entry point is refused', async () => {
    const place = openhaPlace();
    await serve(place, p26());
    expect((await place.ha(['explode'], {programName: 'p26.opensvc.com'})).exit).toBe(2);
    expect((await place.ha([], {programName: 'p26.opensvc.com'})).exit).toBe(2);
    expect((await place.ha(['status'], {programName: 'nobody'})).exit).toBe(5);
    const cluster = await place.ha(['start'], {programName: 'p26.opensvc.com.cluster'});
    expect(cluster).toMatchObject({
      exit: 2,
      stderr: 'ha: no command is called "p26.opensvc.com.cluster"\nAll of them: ha help\n',
    });
  });
});
