import {createSocket} from 'node:dgram';
import type {Socket} from 'node:dgram';
import {once} from 'node:events';
import {afterEach, describe, expect, test} from 'vitest';
import type {LinkConfig, LinkEnd} from '../../../src/config/types.ts';
import {UdpLink} from '../../../src/heartbeat/io/udp-link.ts';
import {linkId} from '../../../src/kernel/ids.ts';
import type {NodeName} from '../../../src/kernel/ids.ts';
import {frameBytesMax} from '../../../src/kernel/limits.ts';
import {node1, node2} from '../cluster-of-frames.ts';
import {until} from './until.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

interface Side {
  readonly link: UdpLink;
  readonly got: string[];
  readonly sizes: number[];
  readonly faults: (string | null)[];
}

function open(link: LinkConfig, node: NodeName): Side {
  const side = {got: [] as string[], sizes: [] as number[], faults: [] as (string | null)[]};
  const udp = new UdpLink({
    link,
    node,
    watchMs: 50,
    onPacket: (bytes, from) => {
      side.got.push(`${from} ${new TextDecoder().decode(bytes)}`.slice(0, 40));
      side.sizes.push(bytes.length);
    },
    onFault: (fault) => side.faults.push(fault),
  });
  closers.push(() => udp.close());
  return {...side, link: udp};
}

function linkOf(ends: [LinkEnd, LinkEnd], changes: Partial<LinkConfig> = {}): LinkConfig {
  return {
    id: linkId('hb#1'),
    kind: 'multicast',
    deadMs: 1_000,
    ttl: 1,
    loopback: true,
    ends: new Map([
      [node1, ends[0]],
      [node2, ends[1]],
    ]),
    place: {file: 'cluster.conf', line: 1},
    ...changes,
  };
}

function multicast(group: string, port: number): LinkConfig {
  const endpoints = [{address: group, port}];
  const end = {iface: 'lo', address: '127.0.0.1', listen: endpoints, sendTo: endpoints};
  return linkOf([end, end]);
}

function unicast(port1: number, port2: number): LinkConfig {
  const [one, two] = [port1, port2].map((port) => ({address: '127.0.0.1', port}));
  const iface = null;
  return linkOf(
    [
      {iface, address: one!.address, listen: [one!], sendTo: [two!]},
      {iface, address: two!.address, listen: [two!], sendTo: [one!]},
    ],
    {kind: 'unicast', loopback: false},
  );
}

/** Ports that nobody had a moment ago: parallel runs of the tests must not meet. */
async function freePorts(count: number): Promise<number[]> {
  const sockets: Socket[] = [];
  for (let index = 0; index < count; index += 1) sockets.push(await bound(0));
  const ports = sockets.map((socket) => socket.address().port);
  for (const socket of sockets) socket.close();
  return ports;
}

async function bound(port: number, address = '127.0.0.1'): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind({port, address});
  await once(socket, 'listening');
  return socket;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Sends again until it arrives: the sockets open in their own time. */
async function reach(from: Side, to: Side, text: string): Promise<void> {
  await until(`${text} arrives`, () => {
    from.link.send(bytes(text));
    return to.got.some((line) => line.endsWith(text));
  });
}

describe('two daemons on one machine', () => {
  test('hear each other, and themselves, over multicast on the loopback interface', async () => {
    const [port] = await freePorts(1);
    const config = multicast('239.192.71.1', port!);
    const [one, two] = [open(config, node1), open(config, node2)];
    await reach(one, two, 'from node1');
    await reach(two, one, 'from node2');
    expect(two.got[0]).toBe('127.0.0.1 from node1');
    expect(one.got).toContain('127.0.0.1 from node1');
    expect([one.faults, two.faults]).toEqual([[], []]);
  });

  test('keep two links apart that differ in their group alone', async () => {
    const [port] = await freePorts(1);
    const first = multicast('239.192.71.1', port!);
    const second = multicast('239.192.71.2', port!);
    const sides = [first, second].flatMap((config) => [open(config, node1), open(config, node2)]);
    await reach(sides[0]!, sides[1]!, 'on the first');
    await reach(sides[2]!, sides[3]!, 'on the second');
    await reach(sides[0]!, sides[1]!, 'first again');
    const texts = sides.map((side) => side.got.join(' ').match(/first|second/g) ?? []);
    expect(texts.map((words) => [...new Set(words)])).toEqual([
      ['first'],
      ['first'],
      ['second'],
      ['second'],
    ]);
  });

  test('hear each other over unicast', async () => {
    const [port1, port2] = await freePorts(2);
    const config = unicast(port1!, port2!);
    const [one, two] = [open(config, node1), open(config, node2)];
    await reach(one, two, 'hello');
    await reach(two, one, 'hello yourself');
    expect(one.got.join()).not.toContain('127.0.0.1 hello,');
  });
});

describe('a link', () => {
  test('whose port is taken says so, does not share it, and opens when it is free', async () => {
    const [port1, port2] = await freePorts(2);
    const config = unicast(port1!, port2!);
    const thief = await bound(port1!);
    const one = open(config, node1);
    await until('the fault is told', () => one.faults.length > 0);
    expect(one.faults[0]).toBe(`socket 127.0.0.1:${port1}: in use by another process (EADDRINUSE)`);
    thief.close();
    await until('the fault is gone', () => one.link.fault === null);
    await reach(open(config, node2), one, 'at last');
  });

  test('does not let another process take its port afterwards', async () => {
    const [port1, port2] = await freePorts(2);
    const one = open(unicast(port1!, port2!), node1);
    await reach(open(unicast(port1!, port2!), node2), one, 'open');
    const thief = createSocket({type: 'udp4', reuseAddr: true});
    closers.push(() => thief.close());
    thief.bind({port: port1!, address: '127.0.0.1'});
    const [error] = (await once(thief, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('EADDRINUSE');
  });

  test('without its interface or address has a fault of its own', async () => {
    const [port] = await freePorts(1);
    const endpoints = [{address: '239.192.71.3', port: port!}];
    const faultOf = (iface: string | null, address: string | null): string | null => {
      const end = {iface, address, listen: endpoints, sendTo: endpoints};
      return open(linkOf([end, end]), node1).link.fault;
    };
    expect([
      faultOf('nosuch0', null),
      faultOf('lo', '192.0.2.1'),
      faultOf(null, '192.0.2.1'),
      faultOf('lo', null),
    ]).toEqual([
      'nosuch0 has no address',
      'lo has no address 192.0.2.1',
      'this host has no address 192.0.2.1',
      null,
    ]);
  });

  test('that cannot send says so, and is in order with the next frame that goes', async () => {
    const [port1, port2] = await freePorts(2);
    const one = open(unicast(port1!, port2!), node1);
    await until('it sends', () => {
      one.link.send(bytes('x'));
      return one.link.stats.sentCount > 0;
    });
    one.link.send(new Uint8Array(70_000));
    await until('the fault is told', () => one.link.fault !== null);
    expect(one.link.fault).toBe('nothing can be sent: EMSGSIZE');
    one.link.send(bytes('x'));
    await until('the fault is gone', () => one.link.fault === null);
    expect(one.link.stats.sendErrorCount).toBe(1);
  });

  test('passes on no more of a huge datagram than shows that it is too large', async () => {
    const [port1, port2] = await freePorts(2);
    const one = open(unicast(port1!, port2!), node1);
    const sender = await bound(0);
    closers.push(() => sender.close());
    await until('both arrive', () => {
      sender.send(new Uint8Array(65_507), port1, '127.0.0.1');
      sender.send(new Uint8Array(0), port1, '127.0.0.1');
      return new Set(one.sizes).size === 2;
    });
    expect(new Set(one.sizes)).toEqual(new Set([0, frameBytesMax + 1]));
  });

  test('is silent once it is closed', async () => {
    const [port1, port2] = await freePorts(2);
    const config = unicast(port1!, port2!);
    const [one, two] = [open(config, node1), open(config, node2)];
    await reach(one, two, 'before');
    const before = two.got.length;
    two.link.close();
    one.link.send(bytes('after'));
    const third = await bound(port2!);
    closers.push(() => third.close());
    one.link.send(bytes('to the next owner of the port'));
    await once(third, 'message');
    expect(two.got).toHaveLength(before);
    two.link.send(bytes('never'));
    expect(two.faults).toEqual([]);
  });
});
