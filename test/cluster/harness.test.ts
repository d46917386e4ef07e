/** The harness itself: what the cluster tests rely on must be true before they mean anything. */

import {existsSync, readFileSync, readdirSync} from 'node:fs';
import {spawn} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {setTimeout as delay} from 'node:timers/promises';
import {describe, expect, test} from 'vitest';
import {clusterTest, withStallRetry} from './harness/cluster-test.ts';
import type {Cluster} from './harness/cluster.ts';
import {must} from './harness/command.ts';
import {diskPath, type ClusterNode, type NodeProcess} from './harness/node.ts';
import {clusterObstacle} from './harness/obstacle.ts';
import {claimRun, runsDirectory} from './harness/run-names.ts';
import {makeSlow} from './harness/slow-path.ts';
import {startStallWitness} from './harness/stall-witness.ts';
import {waitFor} from './harness/wait-for.ts';
import {doubleOwners, holdersOf, witnessedService} from './harness/witnessed-service.ts';

interface Beat {
  readonly from: string;
  readonly link: number;
  readonly sentMs: number;
  readonly heardMs: number;
}

const probe = fileURLToPath(new URL('./harness/multicast-probe.ts', import.meta.url));
const nowMs = (): number => Number(process.hrtime.bigint() / 1_000_000n);
/** So many beats heard are proof that a way is open, and time in which a closed one would show. */
const enoughBeats = 10;

async function startProbes(cluster: Cluster): Promise<ReadonlyMap<string, NodeProcess>> {
  const started = new Map<string, NodeProcess>();
  for (const node of cluster.nodes) {
    const argv = [process.execPath, probe, node.name, String(cluster.network.links.length)];
    started.set(node.name, await node.start(argv, 'probe'));
  }
  return started;
}

/** Beats of the peer on that link that were sent after a moment. */
function heard(hearer: NodeProcess | undefined, link: number, sinceMs: number): readonly Beat[] {
  return (hearer?.output() ?? '')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as Beat)
    .filter((beat) => beat.link === link && beat.sentMs > sinceMs);
}

async function waitHeard(hearer: NodeProcess | undefined, link: number, sinceMs: number) {
  const what = `${enoughBeats} beats on link ${link}`;
  await waitFor(what, () => heard(hearer, link, sinceMs).length >= enoughBeats);
}

async function readToken(node: ClusterNode): Promise<string> {
  const argv = ['dd', `if=${diskPath}`, 'bs=512', 'count=1', 'skip=3', 'iflag=direct'];
  return (await node.must([...argv, 'status=none'])).replaceAll('\0', '');
}

async function writeToken(node: ClusterNode, token: string): Promise<void> {
  const argv = ['dd', `of=${diskPath}`, 'bs=512', 'seek=3', 'oflag=direct', 'conv=sync'];
  await node.must([...argv, 'status=none'], {input: token});
}

describe('a node', () => {
  clusterTest('has a name, a boot and memory of its own, and a durable state', {}, async (c) => {
    const node = c.node('node1');
    const bootId = (): Promise<string> => node.must(['cat', '/proc/sys/kernel/random/boot_id']);
    const firstBoot = await bootId();
    expect(await node.must(['uname', '-n'])).toBe('node1\n');
    node.configure({'cluster.conf': '[cluster]\n', 'secret.key': 'x', 'web.d/S10x': '#!/bin/sh\n'});
    expect(await node.must(['stat', '-c', '%a', '/etc/ha/secret.key'])).toBe('600\n');
    expect(await node.must(['stat', '-c', '%a', '/etc/ha/web.d/S10x'])).toBe('755\n');
    await node.must(['sh', '-c', 'echo 1 | tee /run/here /tmp/here /var/lib/ha/here']);
    expect(await c.node('node2').must(['ls', '/run', '/var/lib/ha'])).not.toContain('here');

    await node.powerOff();
    await node.powerOn();

    expect(await bootId()).not.toBe(firstBoot);
    expect(await node.must(['ls', '/var/lib/ha'])).toBe('here\n');
    expect(await node.must(['ls', '/tmp'])).not.toContain('here');
    expect(await node.must(['cat', '/etc/ha/cluster.conf'])).toBe('[cluster]\n');
    expect((await bootId()).trim()).not.toBe(
      readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'),
    );
  });

  clusterTest('that loses power loses every process and its carrier at once', {}, async (c) => {
    const [node1, node2] = [c.node('node1'), c.node('node2')];
    const daemonised = 'setsid sleep 1000 >/dev/null 2>&1 & echo $!';
    await node1.must(['sh', '-c', daemonised]);
    const running = await node1.start(['sleep', '1000'], 'sleep');
    await node1.powerOff();
    expect(await running.ended).not.toBe(0);
    expect(node1.isOn).toBe(false);
    await expect(node1.exec(['true'])).rejects.toThrow('node1 is off');
    expect(await node2.must(['cat', '/sys/class/net/eth0/carrier'])).toBe('1\n');
    await expect(node1.powerOff()).rejects.toThrow('node1 is off already');
  });

  clusterTest('frozen says nothing and does nothing, thawed goes on', {}, async (c) => {
    const probes = await startProbes(c);
    const peer = probes.get('node2');
    await waitHeard(peer, 0, 0);
    await c.node('node1').freeze();
    const frozenMs = nowMs();
    await delay(300); // the length of the silence: nothing is waited for
    expect(heard(peer, 0, frozenMs)).toEqual([]);
    c.node('node1').thaw();
    await waitHeard(peer, 0, frozenMs);
  });

  clusterTest('can have one of its programs stopped and continued', {}, async (c) => {
    const probes = await startProbes(c);
    const [one, two] = [probes.get('node1'), probes.get('node2')];
    await waitHeard(two, 0, 0);
    one?.signal('SIGSTOP');
    const stoppedMs = await waitFor('the program is stopped', () =>
      readFileSync(`/proc/${one?.pid}/stat`, 'utf8').includes(') T ') ? nowMs() : null,
    );
    await delay(200); // the length of the silence: nothing is waited for
    expect(heard(two, 0, stoppedMs)).toEqual([]);
    one?.signal('SIGCONT');
    await waitHeard(two, 0, stoppedMs);
    one?.signal('SIGKILL');
    expect(await one?.ended).not.toBe(0);
  });
});

describe('the network', () => {
  clusterTest('keeps the links apart and cuts each of them for itself', {}, async (c) => {
    const probes = await startProbes(c);
    const [one, two] = [probes.get('node1'), probes.get('node2')];
    for (const link of [0, 1]) await waitHeard(one, link, 0);
    for (const link of [0, 1]) await waitHeard(two, link, 0);

    await c.network.cut('node1', 0);
    const cutMs = nowMs();
    expect(await c.node('node1').must(['cat', '/sys/class/net/eth0/carrier'])).toBe('0\n');
    await waitHeard(one, 1, cutMs);
    await waitHeard(two, 1, cutMs);
    expect([...heard(one, 0, cutMs), ...heard(two, 0, cutMs)]).toEqual([]);

    await c.network.plugIn('node1', 0);
    await waitHeard(one, 0, cutMs);
    await waitHeard(two, 0, cutMs);
  });

  clusterTest('drops one way, or all, in silence, and heals', {}, async (c) => {
    const probes = await startProbes(c);
    const [one, two] = [probes.get('node1'), probes.get('node2')];
    await waitHeard(one, 0, 0);
    await waitHeard(two, 0, 0);

    await c.network.impair({from: 'node1', to: 'node2', link: 0});
    const oneWayMs = nowMs();
    expect(await c.node('node1').must(['cat', '/sys/class/net/eth0/carrier'])).toBe('1\n');
    await waitHeard(one, 0, oneWayMs);
    await waitHeard(two, 1, oneWayMs);
    expect(heard(two, 0, oneWayMs)).toEqual([]);

    await c.network.isolate('node2', 0);
    const isolatedMs = nowMs();
    await waitHeard(one, 1, isolatedMs);
    expect(heard(one, 0, isolatedMs)).toEqual([]);

    await c.network.heal();
    const healedMs = nowMs();
    await waitHeard(one, 0, healedMs);
    await waitHeard(two, 0, healedMs);
  });

  clusterTest('loses some packets and doubles others', {}, async (c) => {
    const probes = await startProbes(c);
    const two = probes.get('node2');
    await c.network.impair({from: 'node1', link: 0, lossPercent: 50});
    await c.network.duplicate('node1', 'node2', 1);
    const sinceMs = nowMs();
    await waitFor('a beat heard twice', () => {
      const times = heard(two, 1, sinceMs).map(({sentMs}) => sentMs);
      return times.length > new Set(times).size;
    });
    await waitFor('a beat heard and another one lost', () => {
      const first = heard(two, 0, sinceMs).map(({sentMs}) => sentMs);
      const all = new Set(heard(two, 1, sinceMs).map(({sentMs}) => sentMs));
      return first.length > 0 && all.size - first.length > enoughBeats;
    });
  });
});

describe('a slow path', () => {
  clusterTest('delivers late and out of order, one way on one link', {}, async (c) => {
    const probes = await startProbes(c);
    const [one, two] = [probes.get('node1'), probes.get('node2')];
    const from = {name: 'node1', number: 1};
    const way = {from, to: 'node2', link: 0, group: '239.10.50.1', port: 5_405};
    await makeSlow(c.network, {...way, delayMs: 200, jitterMs: 100});
    const sinceMs = nowMs();
    await waitFor('late beats that overtook each other', () => {
      const beats = heard(two, 0, sinceMs);
      return beats.some((beat, index) => beat.sentMs < (beats[index - 1]?.sentMs ?? 0));
    });
    const late = heard(two, 0, sinceMs).map(({heardMs, sentMs}) => heardMs - sentMs);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(99); // both clocks are rounded to ms
    await waitHeard(two, 1, sinceMs);
    await waitHeard(one, 0, sinceMs);
    expect(heard(one, 0, sinceMs).every(({from: name}) => name === 'node2')).toBe(true);
  });
});

describe('the shared disk', () => {
  clusterTest('shows each node at once what the other wrote', {links: 1}, async (c) => {
    for (const token of ['one', 'two', 'three']) {
      await writeToken(c.node('node1'), token);
      expect(await readToken(c.node('node2'))).toBe(token);
      await writeToken(c.node('node2'), `${token} back`);
      expect(await readToken(c.node('node1'))).toBe(`${token} back`);
    }
  });

  clusterTest('hangs for one node alone, and answers when healed', {disk: 'faulty'}, async (c) => {
    const [node1, node2] = [c.node('node1'), c.node('node2')];
    await writeToken(node2, 'before');
    c.disk.hang('node1');
    let answered = false;
    const hanging = readToken(node1).finally(() => (answered = true));
    await writeToken(node2, 'during');
    expect(await readToken(node2)).toBe('during');
    await delay(200); // the length of the hang: nothing is waited for
    expect(answered).toBe(false);
    c.disk.heal('node1');
    expect(await hanging).toBe('during');
  });

  clusterTest('fails for one node alone', {disk: 'faulty'}, async (c) => {
    const [node1, node2] = [c.node('node1'), c.node('node2')];
    await writeToken(node1, 'good');
    c.disk.fail('node1');
    await expect(writeToken(node1, 'lost')).rejects.toThrow('Input/output error');
    expect(await readToken(node2)).toBe('good');
    c.disk.heal('node1');
    await writeToken(node1, 'again');
    expect(await readToken(node2)).toBe('again');
  });

  clusterTest('that hangs does not outlive its cluster', {disk: 'faulty'}, async (c) => {
    c.disk.hang('node1');
    const dead = readToken(c.node('node1')).catch((error: unknown) => error);
    const settled = Promise.race([dead, delay(100)]);
    await settled; // the reader is in the kernel now; the sweep must end it
  });
});

describe('the service with a witness', () => {
  clusterTest('notices a second owner, and no power cut', {links: 1, disk: 'none'}, async (c) => {
    const [node1, node2] = [c.node('node1'), c.node('node2')];
    const service = witnessedService('svc', c.shared);
    await node1.must([service.script, 'start']);
    await node1.must([service.script, 'status']);
    expect((await node2.exec([service.script, 'status'])).code).toBe(3);
    await node1.must([service.script, 'stop']);
    await node2.must([service.script, 'start']);
    expect(doubleOwners(service.entries())).toEqual([]);
    expect(holdersOf(service.entries())).toEqual(['node2']);

    await node2.powerOff();
    service.noteOff('node2');
    await node1.must([service.script, 'start']);
    expect(doubleOwners(service.entries())).toEqual([]);

    await node2.powerOn();
    await node2.must([service.script, 'start']);
    expect(doubleOwners(service.entries())).toHaveLength(2);
  });
});

describe('clean-up', () => {
  async function leftOvers(tag: string): Promise<readonly string[]> {
    const loops = await must(['losetup', '--list', '--noheadings', '--output', 'NAME,BACK-FILE']);
    const spaces = await must(['ip', 'netns', 'list']);
    const mounts = readFileSync('/proc/self/mounts', 'utf8');
    return [
      ...`${loops}\n${spaces}\n${mounts}`.split('\n').filter((line) => line.includes(tag)),
      ...readdirSync(runsDirectory).filter((name) => name === tag),
    ];
  }

  clusterTest('leaves nothing behind, also when the test run is killed', {}, async () => {
    const program = `
      import {startCluster} from '${new URL('./harness/cluster.ts', import.meta.url).href}';
      const cluster = await startCluster({disk: 'faulty'});
      await cluster.node('node1').start(['sleep', '1000'], 'sleep');
      console.log(cluster.shared);
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    const shared = await waitFor(
      'the other run is up',
      () => printed.includes('\n') && printed.trim(),
    );
    const tag = shared.slice(runsDirectory.length + 1).split('/')[0] ?? '';
    expect((await leftOvers(tag)).length).toBeGreaterThan(5);
    child.kill('SIGKILL');
    await waitFor('its helper swept it', async () => (await leftOvers(tag)).length === 0);
  });
});

describe('the stall witness', () => {
  test('reports when it was kept from running', async ({skip}) => {
    const obstacle = clusterObstacle();
    if (obstacle !== null) skip(obstacle);
    const run = claimRun();
    const witness = await startStallWitness(run);
    process.kill(witness.pid, 'SIGSTOP');
    await delay(400); // the stall itself
    process.kill(witness.pid, 'SIGCONT');
    const stalls = await witness.close();
    expect(stalls).toHaveLength(1);
    expect(stalls[0]?.lengthMs).toBeGreaterThan(250);
    expect(existsSync(run.directory)).toBe(false);
  });

  test('has a run repeated that failed while the machine stood still, and only that', async () => {
    const stalls = [{atMs: 1, lengthMs: 900}];
    const error = new Error('too late');
    const said: string[] = [];
    const attempts = (...results: readonly {error: Error | null; stalls: typeof stalls}[]) => {
      const left = [...results];
      const run = async () => left.shift() ?? {error: new Error('one run too many'), stalls: []};
      return withStallRetry('title', run, (text) => said.push(text));
    };
    await attempts({error: null, stalls});
    await expect(attempts({error, stalls: []})).rejects.toThrow('too late');
    expect(said).toEqual([]);
    await attempts({error, stalls}, {error, stalls}, {error: null, stalls: []});
    await expect(attempts({error, stalls}, {error, stalls}, {error, stalls})).rejects.toThrow(
      'late',
    );
    expect(said).toEqual(
      Array(4).fill('title: the machine stood still for 900 ms; the run is void and repeated'),
    );
  });
});
