import {spawn} from 'node:child_process';
import type {ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';
import {afterEach, describe, expect, test} from 'vitest';
import {until} from './until.ts';

const agentPath = fileURLToPath(new URL('udp-agent.ts', import.meta.url));

class Agent {
  readonly events: Record<string, unknown>[] = [];
  readonly #child: ChildProcess;

  /** `any`: the first end takes whatever address its interface has. */
  constructor(address: 'given' | 'any' = 'given') {
    // /sys shows the interfaces of the network it was mounted in: it needs a mount of its own.
    const inside = 'mount -t sysfs none /sys && exec "$0" "$@"';
    this.#child = spawn(
      'unshare',
      ['--net', '--mount', 'sh', '-c', inside, process.execPath, agentPath, address],
      {stdio: ['pipe', 'pipe', 'inherit']},
    );
    createInterface({input: this.#child.stdout!}).on('line', (line) => {
      this.events.push(JSON.parse(line) as Record<string, unknown>);
    });
  }

  tell(...lines: string[]): void {
    for (const line of lines) this.#child.stdin!.write(`${line}\n`);
  }

  /** Repeats the command until an event fits. */
  async until(name: string, fits: (event: Record<string, unknown>) => boolean, command = '') {
    const from = this.events.length;
    await until(name, () => {
      if (command !== '') this.tell(command);
      return this.events.slice(from).some(fits);
    });
  }

  async start(): Promise<this> {
    await until('the agent is ready', () => this.events.some((event) => 'ready' in event));
    return this;
  }

  /** The namespace ends with its only process. */
  async stop(): Promise<void> {
    this.#child.stdin!.end();
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
  }
}

describe.runIf(process.getuid?.() === 0)('a multicast link in a network of its own', () => {
  let agent: Agent;
  afterEach(() => agent.stop());
  const fault =
    (text: string | null, node = 'node1') =>
    (event: Record<string, unknown>) =>
      event['fault'] === text && event['node'] === node;
  const got = (text: string) => (event: object) => 'text' in event && event.text === text;

  test('goes on by unicast copies where multicast dies, and says that it died', async () => {
    agent = await new Agent().start();
    agent.tell('send by the group alone', 'learn');
    await agent.until('a copy arrives', got('by copy'), 'send by copy');
    expect(agent.events.filter(got('by the group alone'))).toEqual([]);
    expect(agent.events.find(got('by copy'))).toMatchObject({node: 'node2', from: '10.77.0.1'});
    await agent.until(
      'the group is called silent',
      (event) => JSON.stringify(event['silent']) === '[false,true]',
      'send more\nsilent',
    );
    await agent.until('copies are counted apart', (event) => event['groupCount'] === 0, 'stats');
  });

  test('tells a cut cable, a missing address and a missing interface, and comes back', async () => {
    agent = await new Agent().start();
    agent.tell('learn');
    await agent.until('it works', got('one'), 'send one');

    agent.tell('ip link set sw0 down');
    await until('no carrier', () =>
      ['node1', 'node2'].every((node) => agent.events.some(fault('no carrier on eth0', node))),
    );
    agent.tell('ip link set sw0 up');
    await agent.until('carrier', fault(null));
    await agent.until('it works again', got('two'), 'send two');

    agent.tell('ip link set eth0 down');
    await agent.until('down', fault('eth0 is down'));
    agent.tell('ip link set eth0 up');
    await agent.until('up', fault(null));

    agent.tell('ip addr del 10.77.0.1/32 dev eth0');
    await agent.until('no address', fault('eth0 has no address 10.77.0.1'));
    agent.tell('ip addr add 10.77.0.1/32 dev eth0');
    await agent.until('address', fault(null));
    await agent.until('it works with the address', got('three'), 'send three');

    agent.tell('ip link del eth0');
    await agent.until('no interface', fault('no interface eth0'));
    agent.tell('plug');
    await agent.until('an interface', fault(null));
    await agent.until('it works with the new interface', got('four'), 'send four');
    await agent.until(
      'both ends have joined their group there',
      (event) => JSON.stringify(event['joined']) === '["0947C0EF"]',
      'groups',
    );
  });

  test('moves with the address of its interface', async () => {
    agent = await new Agent('any').start();
    agent.tell('learn');
    await agent.until('it works', got('one'), 'send one');
    expect(agent.events.find(got('one'))).toMatchObject({from: '10.77.0.1'});
    agent.tell('ip addr del 10.77.0.1/32 dev eth0');
    await agent.until(
      'it speaks from the other address',
      (event) => event['from'] === '10.77.0.2',
      'send two',
    );
  });
});
