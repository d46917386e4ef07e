/** Real fence agents against real management controllers, whose power switch is the node. */

import {setTimeout as delay} from 'node:timers/promises';
import {describe, expect} from 'vitest';
import {bmcPassword, bmcUser} from './harness/bmc.ts';
import {waitFor} from './harness/wait-for.ts';
import {pairTest, serviceName, type Pair, type PairOptions} from './kit/pair.ts';

/** Longer than dead time and all tries of an agent in these tests together. */
const quietMs = 8_000;
const passwordFile = 'bmc.password';

const bmcOf = (node: string): string => `10.50.0.${200 + Number(node.replace('node', ''))}`;

/** As an operator writes it for fence_ipmilan; ipmi_sim answers no question about ciphers. */
const ipmi = (node: string): readonly string[] => [
  `[fence#${node}]`,
  'agent = fence_ipmilan',
  `ip = ${bmcOf(node)}`,
  'lanplus = 1',
  'cipher = 3',
  `username = ${bmcUser}`,
  `password_file = /etc/ha/${passwordFile}`,
  'timeout = 15s',
  'retries = 0',
];

const fenced: PairOptions = {
  disk: 'none',
  bmcs: true,
  serviceClass: 'data',
  fence: ipmi,
  extra: {[passwordFile]: `${bmcPassword}\n`},
};

/** Both daemons up, the service on the first node, which is the one that is fenced. */
async function running(pair: Pair): Promise<void> {
  await pair.start();
  await pair.untilRuns('node1', 'node2');
}

async function untilAlarm(pair: Pair, node: string, code: string): Promise<string> {
  return waitFor(`${node} shows ${code}`, async () => {
    const found = (await pair.status(node)).alarms.find((alarm) => alarm.code === code);
    if (found === undefined) throw new Error(`no ${code}`);
    return found.text;
  });
}

async function untilDead(pair: Pair, asked: string, other: string): Promise<void> {
  await waitFor(`${other} is dead for ${asked}`, async () => {
    const seen = (await pair.status(asked)).nodes[other]?.state;
    if (seen !== 'dead') throw new Error(`it is ${seen}`);
    return true;
  });
}

/** Everything that a node keeps or shows, as far as a password must not be in it. */
async function traces(pair: Pair, name: string): Promise<string> {
  const commands = [
    ['status', '--json'],
    ['events', '--json'],
    ['config', 'print', '--json'],
  ];
  const shown = await Promise.all(commands.map((words) => pair.must(name, ...words)));
  const logs = pair
    .node(name)
    .logs()
    .map(({text}) => text);
  const state = await pair.node(name).must(['grep', '-r', '', '/var/lib/ha']);
  return [...shown, ...logs, state].join('\n');
}

describe('ha fence', () => {
  pairTest(
    'switches a node off, verified, and its services start on the other',
    fenced,
    async (pair) => {
      await running(pair);
      expect((await pair.ha('node2', 'fence', 'node1')).code).toBe(107);
      expect(pair.cluster.bmc('node1').orders()).toEqual([]);

      expect(await pair.must('node2', 'fence', 'node1', '--dry-run')).toContain('fence_ipmilan');
      expect(await pair.must('node2', 'check')).not.toMatch(/FENCE/);

      const said = await pair.must('node2', 'fence', 'node1', '--yes');
      expect(said).toMatch(/node1 is off, verified: level 1: fence_ipmilan status: exit code 2/);
      await pair.node('node1').untilOff();
      expect(pair.cluster.bmc('node1').orders()).toEqual(['set power 0']);
      await pair.untilState('node2', 'STARTED');
      expect(pair.starts()).toEqual(['node1', 'node2']);
      expect(pair.doubleOwners()).toEqual([]);
      const seen = await pair.status('node2');
      expect(seen.nodes['node1']?.state).toBe('dead');
      expect(await traces(pair, 'node2')).not.toContain(bmcPassword);

      await pair.node('node1').powerOn();
      await pair.start('node1');
      await pair.untilState('node1', 'STOPPED');
      expect(pair.starts()).toEqual(['node1', 'node2']);
    },
  );

  const wrong = {...fenced, extra: {[passwordFile]: 'incorrect-horse\n'}};
  pairTest(
    'with a wrong password fails with an alarm, and nothing is taken over',
    wrong,
    async (pair) => {
      await running(pair);
      const refused = await pair.ha('node2', 'fence', 'node1', '--yes');
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain('node1 could not be fenced');
      expect(await untilAlarm(pair, 'node2', 'FENCE_FAILED')).toContain('fence_ipmilan off');
      expect(await traces(pair, 'node2')).not.toContain('incorrect-horse');
      await pair.powerOff('node1');
      await delay(quietMs); // a takeover that must not happen can only be waited for
      expect(pair.starts()).toEqual(['node1']);
    },
  );

  pairTest(
    'of a controller that does not answer fails within its time-out',
    fenced,
    async (pair) => {
      await running(pair);
      await pair.cluster.bmc('node1').hang();
      const refused = await pair.ha('node2', 'fence', 'node1', '--yes');
      expect(refused.code).toBe(1);
      await untilAlarm(pair, 'node2', 'FENCE_FAILED');
      expect(pair.starts()).toEqual(['node1']);
    },
  );

  pairTest('believes no controller that acknowledges and does nothing', fenced, async (pair) => {
    await running(pair);
    pair.cluster.bmc('node1').lie('on');
    expect((await pair.ha('node2', 'fence', 'node1', '--yes')).code).toBe(1);
    expect(pair.starts()).toEqual(['node1']);

    // The worst of them says that it is off. Whoever is heard is alive all the same.
    pair.cluster.bmc('node1').lie('off');
    expect((await pair.ha('node2', 'fence', 'node1', '--yes')).code).toBe(0);
    await untilAlarm(pair, 'node2', 'FENCE_LIED');
    expect((await pair.status('node2')).stateOf(serviceName, 'node2')).toBe('STOPPED');
    expect(pair.starts()).toEqual(['node1']);
  });
});

describe('a node that falls silent', () => {
  const quick: PairOptions = {...fenced, fence: (node) => [...ipmi(node), 'delay = 1s']};
  pairTest('by a loss of power is fenced, and its data is taken over', quick, async (pair) => {
    await running(pair);
    await pair.powerOff('node1');
    await pair.untilState('node2', 'STARTED');
    expect(pair.starts()).toEqual(['node1', 'node2']);
    expect(pair.doubleOwners()).toEqual([]);
    const history = await pair.must('node2', 'events', '--json');
    expect(history).toMatch(/"kind":"verdict".*"proof":"P4"/);
  });

  pairTest('and hangs is switched off before anything starts', quick, async (pair) => {
    await running(pair);
    await pair.node('node1').freeze();
    await pair.untilState('node2', 'STARTED');
    await pair.node('node1').untilOff();
    expect(pair.cluster.bmc('node1').orders()).toEqual(['set power 0']);
    expect(pair.starts()).toEqual(['node1', 'node2']);
    expect(pair.doubleOwners()).toEqual([]);
  });

  pairTest('while it lives fences or is fenced: exactly one is left', fenced, async (pair) => {
    await running(pair);
    await pair.cluster.network.isolate('node1');
    await pair.node('node2').untilOff();
    expect(pair.cluster.bmc('node2').orders()).toEqual(['set power 0']);
    await untilDead(pair, 'node1', 'node2');
    await delay(quietMs); // a second shot that must not come can only be waited for
    expect(pair.cluster.bmc('node1').orders()).toEqual([]);
    expect((await pair.status('node1')).stateOf(serviceName, 'node1')).toBe('STARTED');
    expect(pair.starts()).toEqual(['node1']);
  });
});

describe('ha check', () => {
  const incomplete: PairOptions = {
    ...fenced,
    bmcs: false,
    fence: (node) =>
      node === 'node1'
        ? [...ipmi(node), 'ipadress = 10.0.0.1', '[fence#node1.2]', 'agent = fence_nothing']
        : [],
    extra: {},
  };
  pairTest(
    'finds agents, parameters and password files that are not there',
    incomplete,
    async (pair) => {
      const {stdout} = await pair.ha('node2', 'check');
      expect(stdout).toMatch(/found "ipadress" \(HA_CONF_FENCE_PARAMETER\)/);
      expect(stdout).toMatch(/found none at \/etc\/ha\/bmc.password \(HA_CONF_FENCE_PASSWORD/);
      expect(stdout).toMatch(/fence_nothing: no such program/);
      expect(stdout).toMatch(/found none for node2/);
    },
  );
});
