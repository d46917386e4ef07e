import {mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {readKeyFile} from '../../src/heartbeat/io/key-file.ts';
import {healthy} from '../status/views.ts';
import {initFailure} from '../../src/cli/verbs/init.ts';
import {Place, serve} from './cli.ts';

const serviceConf = `[DEFAULT]
nodes = node1 node2

[app#1]
start = /bin/true
stop = /bin/true
check = /bin/true
stop_timeout = 1s
`;

const diskSection = `
[hb#3]
type = disk
device = DEVICE
slot@node1 = 0
slot@node2 = 64
`;

async function initialised(): Promise<Place> {
  const place = new Place();
  const {exit} = await place.ha(['init', '--nodes', 'node1,node2']);
  expect(exit).toBe(0);
  const conf = place.env['HA_CONF']!;
  writeFileSync(`${conf}/web.conf`, serviceConf);
  writeFileSync(`${conf}/disk`, Buffer.alloc(1_024 * 1_024));
  const text = readFileSync(`${conf}/cluster.conf`, 'utf8');
  writeFileSync(`${conf}/cluster.conf`, text + diskSection.replace('DEVICE', `${conf}/disk`));
  return place;
}

describe('ha init', () => {
  test('makes a key that the daemon accepts and a configuration that is valid', async () => {
    const place = new Place();
    const {exit, stdout} = await place.ha(['init', '--nodes', 'node1 node2']);
    expect(exit).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "/tmp/ha/conf/secret.key: made
      /tmp/ha/conf/cluster.conf: made
      Copy both to the other nodes:
        scp /tmp/ha/conf/secret.key /tmp/ha/conf/cluster.conf node2:/tmp/ha/conf/
      Then edit cluster.conf and type on each node: ha check
      "
    `);
    const keys = await readKeyFile(`${place.env['HA_CONF']!}/secret.key`);
    expect(keys).toMatchObject({ok: true});
    expect(statSync(`${place.env['HA_CONF']!}/secret.key`).mode & 0o777).toBe(0o600);
    expect((await place.ha(['check'])).exit).toBe(0);
  });

  test('never overwrites', async () => {
    const place = new Place();
    mkdirSync(place.env['HA_CONF']!);
    const path = `${place.env['HA_CONF']!}/cluster.conf`;
    writeFileSync(path, 'mine');
    const {exit, stdout} = await place.ha(['init']);
    expect(exit).toBe(0);
    expect(stdout).toContain('/cluster.conf: was there, left as it is');
    expect(readFileSync(path, 'utf8')).toBe('mine');
  });

  test('makes two different keys in two places', async () => {
    const texts = await Promise.all(
      [new Place(), new Place()].map(async (place) => {
        await place.ha(['init']);
        return readFileSync(`${place.env['HA_CONF']!}/secret.key`, 'utf8');
      }),
    );
    expect(texts[0]).not.toBe(texts[1]);
  });

  test.each([
    ['a,a', '--nodes expected each name once'],
    [',', '--nodes expected one name at least, found none'],
    ['a,../b', '--nodes expected names as uname -n prints them, found "../b"'],
    ['a,b,c,d,e,f,g,h,i', '--nodes expected at most 8, found 9'],
  ])('refuses the nodes "%s"', async (nodes, expected) => {
    const {exit, stderr} = await new Place().ha(['init', '--nodes', nodes]);
    expect(exit).toBe(2);
    expect(stderr).toContain(expected);
  });
});

describe('ha init where nothing may be written', () => {
  test('says where, why and what to do, with its own exit code', () => {
    const denied = Object.assign(new Error("EACCES: permission denied, mkdir '/etc/ha'"), {
      code: 'EACCES',
    });
    expect(initFailure('/etc/ha', denied)).toEqual({
      exit: 77,
      text:
        'ha: expected to be able to write to /etc/ha, found ' +
        "EACCES: permission denied, mkdir '/etc/ha'\n" +
        'Become root, or name a directory of yours with --conf.\n',
    });
    expect(initFailure('/etc/ha', new Error('ENOSPC: disk\u001b full'))).toEqual({
      exit: 1,
      text: 'ha: ENOSPC: disk\\x1b full\n',
    });
  });
});

describe('ha check', () => {
  test('grades, names the scenario and prints the slack of each rule', async () => {
    const place = await initialised();
    const {exit, stdout} = await place.ha(['check']);
    expect(exit).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "/tmp/ha/conf: 0 errors, 0 warnings, 0 notes

      grade C: a takeover rests on a lease that the other node must keep by itself
      split   A node loses its links and its disk, and a stop takes longer than 4s,
              half its lease (a slow or hung script, a paused machine): the other node
              starts it 9.009s after the last renewal. For a service that needs longer
              to stop, write a lease of twice that; the rest only a watchdog or
              fencing closes.

      service  class      grade  needs  has  by          takeover, at worst
      web      exclusive  C      P2     P2   disk lease  16.009s

      rules   7 OK, 0 WARN, 0 REFUSED; 9 of I1-I16 do not apply
      least   I2 hb#3: 8s >= 3 x 2s + 2 x 1s, slack 0 ms

      each rule in numbers:  ha check --all
      fault by fault:        ha timeline web
      "
    `);
  });

  test('with --all prints each rule in numbers, and why the others do not apply', async () => {
    const place = await initialised();
    const {exit, stdout} = await place.ha(['check', '--all']);
    expect(exit).toBe(0);
    expect(stdout.slice(stdout.indexOf('\nrule'))).toMatchInlineSnapshot(`
      "
      rule  of            in numbers                           slack
      I1    hb#1          5s >= 3 x 1s + 50ms + 1s             950 ms   OK
      I2    hb#3          8s >= 3 x 2s + 2 x 1s                0 ms     OK
      I3    hb#3          8s >= 2s + 6 x 1s                    0 ms     OK
      I4    hb#3 and web  8s - 1s >= 2s + 2 x 1s               3000 ms  OK
      I5    hb#3          9.009s x 0.9995 >= 8s x 1.0005 + 1s  0 ms     OK
      I7    cluster       3.05s >= 2 x 1s + 50ms + 1s          0 ms     OK
      I13   hb#1          5s >= 3 x 1s + 2 x 50ms + 1s         900 ms   OK
      I6    n/a: no watchdog is configured
      I8    n/a: no node starts before the lease of the other one is over
      I9    n/a: no fencing is configured
      I10   n/a: no fencing is configured
      I11   n/a: no fencing is configured
      I12   n/a: no etcd is configured
      I14   n/a: no proof at hand is enough for class data
      I15   n/a: beats are ordered by life and number: no wall clock is compared
      I16   n/a: the time of a path failover is not known

      fault by fault:        ha timeline web
      "
    `);
  });

  test('shows the rule that a refused configuration breaks, and gives no grade', async () => {
    const place = await initialised();
    const path = `${place.env['HA_CONF']!}/cluster.conf`;
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('profile = default', 'beat = 1s\ndead = 3s'));
    const {exit, stdout} = await place.ha(['check']);
    expect(exit).toBe(78);
    expect(stdout).toContain('REFUSED  I1 hb#1: expected 3s >= 3 x 1s + 50ms + 1s, 1050 ms short');
    expect(stdout).not.toContain('grade');
    const json = JSON.parse((await place.ha(['check', '--json'])).stdout) as {
      inequalities: {id: string; status: string}[];
    };
    const refused = json.inequalities.filter(({status}) => status === 'REFUSED');
    expect(refused.map(({id}) => id)).toEqual(['I1', 'I13']);
  });

  test('says place, expected, found and what to write, and ends with 78', async () => {
    const place = await initialised();
    const path = `${place.env['HA_CONF']!}/cluster.conf`;
    writeFileSync(path, readFileSync(path, 'utf8').replace('profile = default', 'profile = quick'));
    const {exit, stdout} = await place.ha(['check']);
    expect(exit).toBe(78);
    expect(stdout).toContain(
      'cluster.conf:12: error: profile expected default or fast, found "quick"',
    );
    expect(stdout).toContain('/tmp/ha/conf: 1 error, 0 warnings, 0 notes\n');
  });

  test('as JSON gives findings, grade and rules', async () => {
    const place = await initialised();
    const {stdout} = await place.ha(['check', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({valid: true, findings: [], grade: 'C'});
  });
});

describe('ha timeline', () => {
  test('prints the worst case per class and what it is made of', async () => {
    const place = await initialised();
    const {stdout} = await place.ha(['timeline']);
    expect(stdout).toMatchInlineSnapshot(`
      "class      needs  has  by                    from death to start, at worst
      none       P0     P2   carrier on our links  12s
      address    P1     P2   carrier on our links  12s
      exclusive  P2     P2   disk lease            16.009s
      data       P3     P2   none                  never by itself

      made of
      none       silence on hb#3                    11s
      none       own turns, and the record on disk  1s
      address    silence on hb#3                    11s
      address    own turns, and the record on disk  1s
      exclusive  last change on hb#3 seen           3s
      exclusive  its lease waited out               9.009s
      exclusive  hb#3 read once more                3s
      exclusive  own turns, and the record on disk  1s

      service   power-loss  daemon-crash  network-cut  disk-loss  isolation  arbiter-loss  pause
      web       moves       SPLIT         stays        stays      moves      n/a           SPLIT

      step by step: ha timeline web
      "
    `);
  });

  test('of one service shows its class only', async () => {
    const place = await initialised();
    const {stdout} = await place.ha(['timeline', 'web', '--json']);
    const {takeovers, forecasts} = JSON.parse(stdout) as {
      takeovers: {serviceClass: string}[];
      forecasts: {service: string; faults: {fault: string; outcome: string}[]}[];
    };
    expect(takeovers.map((takeover) => takeover.serviceClass)).toEqual(['exclusive']);
    expect(forecasts.map(({service}) => service)).toEqual(['web']);
    expect(forecasts[0]!.faults[0]).toMatchObject({fault: 'power-loss', outcome: 'moves'});
    const text = (await place.ha(['timeline', 'web'])).stdout;
    expect(text).toMatchInlineSnapshot(`
      "web: class exclusive needs P2, has P2 by disk lease; grade C

             what happens                                     start on node2
      moves  node1 loses power, or its kernel dies            7.946s to 16.018s
      SPLIT  the daemon of node1 dies and does not come back  7.946s to 16.018s
      stays  every link is cut, both nodes live
      stays  node1 loses the shared disk
      moves  every link is cut and node1 loses the disk       7.946s to 16.018s
      n/a    the arbiter is out of reach
      SPLIT  node1 stands still for long, and goes on         7.946s to 16.018s

      moves: node1 loses power, or its kernel dies
        0ms                node1  off, and what ran on it
        0ms                node2  refuse: the other node is alive
        3.948s to 5.053s   node2  refuse: the other node's disk slot still changes
        4.997s to 11.006s  node2  wait: the other node's disk lease has not run out
                                  yet
        7.946s to 15.017s  node2  take: the other node's disk lease ran out, so it
                                  should have stopped itself
        7.946s to 16.018s  node2  starts web, on a record of the verdict
        It starts on node2 after 7.946s to 16.018s.

      SPLIT: the daemon of node1 dies and does not come back
        0ms                node1  nobody watches web any more
        0ms                node2  refuse: the other node is alive
        3.948s to 5.053s   node2  refuse: the other node's disk slot still changes
        4.997s to 11.006s  node2  wait: the other node's disk lease has not run out
                                  yet
        7.946s to 15.017s  node2  take: the other node's disk lease ran out, so it
                                  should have stopped itself
        7.946s to 16.018s  node2  starts web, on a record of the verdict
        It starts on node2 after 7.946s to 16.018s and still runs on node1, where
        nobody stops it until its daemon is back. Only class data with a watchdog, or
        fencing, closes this.

      every fault: ha timeline web --all
      "
    `);
    expect((await place.ha(['timeline', 'nothing'])).exit).toBe(5);
  });

  test('of a broken configuration says what is wrong on stderr', async () => {
    const {exit, stdout, stderr} = await new Place().ha(['timeline']);
    expect({exit, stdout}).toEqual({exit: 78, stdout: ''});
    expect(stderr).toContain('HA_CONF_EMPTY');
  });
});

describe('ha config print', () => {
  test('prints every value with its default filled in', async () => {
    const place = await initialised();
    const {exit, stdout} = await place.ha(['config', 'print']);
    expect(exit).toBe(0);
    const text = stdout.replaceAll(/digest = [0-9a-f]{16}/g, 'digest = DIGEST');
    expect(text).toMatchInlineSnapshot(`
      "[cluster]
      name = ha
      nodes = node1 node2
      takeover = proven
      stop_failed = fence
      beat = 1s
      dead = 5s
      delay = 50ms
      stall = 1s
      grace = 3.05s
      damping = 5m
      hold_down = 1m
      clock_error_ratio = 0.0005
      arbiter = none
      peer_port@node1 = 7717
      peer_port@node2 = 7717
      freeze_secondary_on_start = false
      quorum = none
      digest = DIGEST

      [hb#1]
      type = multicast
      dead = 5s
      ttl = 1
      loopback = false
      iface@node1 = none
      address@node1 = none
      listen@node1 = 239.192.71.1:10000
      send_to@node1 = 239.192.71.1:10000
      iface@node2 = none
      address@node2 = none
      listen@node2 = 239.192.71.1:10000
      send_to@node2 = 239.192.71.1:10000

      [hb#3]
      type = disk
      device@node1 = /tmp/ha/conf/disk
      device@node2 = /tmp/ha/conf/disk
      slot@node1 = 0
      slot@node2 = 64
      slot_blocks = 64
      io = 1s
      renew = 2s
      dead = 8s
      lease = 8s
      wait = 9.009s

      [service#web]
      nodes = node1 node2
      orchestrate = ha
      monitor = 10s
      restarts = 1
      monitor_actions = none
      failure_memory = 0ms
      origin = service
      class = exclusive
      digest = DIGEST

      [service#web app#1]
      optional = false
      disable = false
      monitor = false
      tags = none
      subset = none
      standby = false
      restart = none
      restart_delay = 0ms
      start_requires = none
      triggers = none
      start_timeout = 5m
      stop_timeout = 1s
      check_timeout = 10s
      type = app
      start = /bin/true
      stop = /bin/true
      check = /bin/true
      launchers = none
      user = none
      group = none
      cwd = none
      retcodes = none
      "
    `);
  });

  test('has no key twice in a section', async () => {
    const {stdout} = await (await initialised()).ha(['config', 'print']);
    for (const section of stdout.split('\n\n')) {
      const keys = section.split('\n').map((line) => line.split(' = ')[0]!);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  test('as JSON gives the same', async () => {
    const place = await initialised();
    const {stdout} = await place.ha(['config', 'print', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      name: 'ha',
      links: [{id: 'hb#1', kind: 'multicast'}],
      disks: [{id: 'hb#3', slotBlock: {node1: 0, node2: 64}}],
      services: [{name: 'web', serviceClass: 'exclusive'}],
    });
  });

  test('knows no other word', async () => {
    expect((await new Place().ha(['config', 'frobnicate'])).exit).toBe(2);
  });
});

test('ha version names both sides', async () => {
  const place = new Place();
  expect((await place.ha(['version'])).stdout).toMatch(/^ha \d.*\nno daemon answers here\n$/);
  await serve(place, healthy({version: '0.0.9'}));
  expect((await place.ha(['version'])).stdout).toContain('daemon 0.0.9\n');
  expect((await place.ha(['--version'])).stdout).toMatch(/^ha \d+\.\d+\.\d+\n$/);
});

test('ha daemon reload hands on what the daemon says', async () => {
  const place = new Place();
  await serve(place, healthy(), (_request, exchange) => {
    const text = 'cluster.conf:3: expected nodes\nnothing was \u001b[31mchanged';
    exchange.reply({kind: 'end', exit: 78, text, data: null});
  });
  const {exit, stderr} = await place.ha(['daemon', 'reload']);
  expect(exit).toBe(78);
  expect(stderr).toBe('cluster.conf:3: expected nodes\nnothing was \\x1b[31mchanged\n');
});

test('ha daemon stop comes back when the daemon is gone', async () => {
  const place = new Place();
  await serve(place, healthy());
  expect((await place.ha(['daemon', 'stop', '--yes'])).exit).toBe(0);
  expect((await place.ha(['status'])).stderr).toContain('no daemon listens');
});
