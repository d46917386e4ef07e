import {once} from 'node:events';
import {connect as connectTcp, createServer} from 'node:net';
import type {AddressInfo, Server} from 'node:net';
import {afterEach, describe, expect, test} from 'vitest';
import {PeerClient} from '../../../src/control/io/peer-client.ts';
import {listenPeers} from '../../../src/control/io/peer-server.ts';
import {derivePeerKey, parseIdentity} from '../../../src/control/io/peer-tls.ts';
import {nodeName} from '../../../src/kernel/ids.ts';
import type {PeerLimits} from '../../../src/control/io/peer-client.ts';
import type {PeerServer, PeerServerOptions} from '../../../src/control/io/peer-server.ts';
import type {ClusterKey} from '../../../src/control/io/peer-tls.ts';
import type {Reply} from '../../../src/control/io/session.ts';
import type {Request} from '../../../src/control/types.ts';
import {eventually} from '../../eventually.ts';

const key = (id: number, byte: number): ClusterKey => ({id, secret: new Uint8Array(32).fill(byte)});
const keyA = key(1, 0xa);
const keyB = key(2, 0xb);
const node1 = nodeName('node1');
const node2 = nodeName('node2');
const view: Request = {v: 1, id: 77, node: node2, actor: 'root@pts/1', op: 'view'};

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const refused: string[] = [];

async function server(
  options: Partial<PeerServerOptions> & {readonly keys?: readonly ClusterKey[]} = {},
): Promise<PeerServer> {
  const {keys = [keyA], ...rest} = options;
  refused.length = 0;
  const result = await listenPeers({
    port: 0,
    identity: {cluster: 'blue', node: node2, keys: () => keys},
    isMember: (node) => node === 'node1' || node === 'node2',
    handle: (peer, request, exchange) => {
      exchange.reply({kind: 'progress', text: `${peer} ${request.actor} ${String(request.node)}`});
      exchange.reply({kind: 'end', exit: 0, text: request.op, data: null});
    },
    onRefused: (why) => refused.push(why),
    ...rest,
  });
  if (!result.ok) throw new Error(result.error.message);
  closers.push(() => result.value.close());
  return result.value;
}

function client(
  port: number,
  options: {
    readonly keys?: readonly ClusterKey[];
    readonly node?: string;
    readonly cluster?: string;
    readonly limits?: Partial<PeerLimits>;
  } = {},
): PeerClient {
  const one = new PeerClient(
    {
      node: node2,
      identity: {
        cluster: options.cluster ?? 'blue',
        node: nodeName(options.node ?? 'node1'),
        keys: () => options.keys ?? [keyA],
      },
      addresses: () => [{host: '127.0.0.1', port}],
    },
    {backOffMs: [20, 100], ...options.limits},
  );
  closers.push(() => one.close());
  return one;
}

function ask(one: PeerClient, request: Request = view): Promise<readonly Reply[]> {
  return new Promise((resolve) => {
    const lines: Reply[] = [];
    one.request(request, (line) => {
      lines.push(line);
      if (line.kind === 'end') resolve(lines);
    });
  });
}

describe('the peer channel', () => {
  test('carries a request to the other node and its lines back', async () => {
    const {port} = await server();
    expect(await ask(client(port))).toEqual([
      {kind: 'progress', text: 'node1 root@pts/1 null'},
      {kind: 'end', exit: 0, text: 'view', data: null},
    ]);
  });

  test('keeps one connection for many requests at once', async () => {
    const one = await server();
    const peer = client(one.port);
    const answers = await Promise.all(Array.from({length: 50}, () => ask(peer)));
    expect(answers.every((lines) => lines.length === 2)).toBe(true);
    expect(one.connectionCount).toBe(1);
  });

  test.each([
    ['the old key', [keyA]],
    ['the new key', [keyB]],
  ])('takes %s while a rotation is under way', async (_name, keys) => {
    const {port} = await server({keys: [keyB, keyA]});
    expect((await ask(client(port, {keys}))).at(-1)).toMatchObject({exit: 0});
  });

  test.each([
    ['a wrong key', {keys: [key(1, 0xf)]}],
    ['a key it does not hold', {keys: [keyB]}],
    ['another cluster', {cluster: 'red'}],
    ['a node that is no member', {node: 'node9'}],
    ['its own name', {node: 'node2'}],
  ])('refuses %s', async (_name, options) => {
    const {port} = await server();
    const lines = await ask(client(port, options));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({kind: 'end', exit: 3});
    expect(refused.length).toBeGreaterThan(0);
  });

  test('sends away a member that was taken out of the configuration', async () => {
    const members = new Set(['node1', 'node2']);
    const {port} = await server({isMember: (node) => members.delete(node)});
    const peer = client(port, {limits: {connectMs: 1_000}});
    await eventually(() => expect(members.has('node1')).toBe(false));
    expect((await ask(peer)).at(-1)).toMatchObject({kind: 'end'});
  });

  test('speaks no TLS without the key, and survives whoever tries', async () => {
    const {port} = await server();
    const socket = connectTcp(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.end('GET / HTTP/1.1\r\n\r\n');
    await once(socket, 'close');
    expect((await ask(client(port))).at(-1)).toMatchObject({exit: 0});
  });

  test('says what is wrong where nobody listens, and connects when somebody does', async () => {
    const first = await server();
    const {port} = first;
    await first.close();
    const peer = client(port);
    expect((await ask(peer))[0]).toMatchObject({
      exit: 3,
      text:
        `node2 is not reachable over the peer channel: 127.0.0.1:${port}: ` +
        `connect ECONNREFUSED 127.0.0.1:${port}`,
    });
    await server({port});
    await eventually(() => expect(peer.connected).toBe(true));
  });

  test('answers what was under way when the connection is lost, and connects again', async () => {
    const first = await server({handle: () => undefined});
    const peer = client(first.port);
    await eventually(() => expect(peer.connected).toBe(true));
    const lost = ask(peer);
    await first.close();
    expect(await lost).toEqual([
      {
        kind: 'end',
        exit: 1,
        text: 'the connection to node2 was lost: the order may have been carried out',
        data: null,
      },
    ]);
    await server({port: first.port});
    await eventually(() => expect(peer.connected).toBe(true));
  });

  test('notices a peer that went silent without closing', async () => {
    const one = await server({handle: () => undefined});
    const peer = client(one.port, {limits: {pingMs: [20, 60]}});
    const [end] = await ask(peer);
    expect(end).toMatchObject({exit: 1});
  });

  test('gives up on a port that accepts and says nothing', async () => {
    const mute: Server = createServer().listen(0, '127.0.0.1');
    await once(mute, 'listening');
    closers.push(() => mute.close());
    const peer = client((mute.address() as AddressInfo).port, {limits: {connectMs: 100}});
    expect((await ask(peer))[0]).toMatchObject({
      exit: 3,
      text: expect.stringContaining('no answer within 100 ms') as string,
    });
  });

  test('says which port it can not have', async () => {
    const {port} = await server();
    const second = await listenPeers({
      port,
      identity: {cluster: 'blue', node: node1, keys: () => [keyA]},
      isMember: () => true,
      handle: () => undefined,
      onRefused: () => undefined,
    });
    expect(second).toMatchObject({ok: false, error: {code: 'HA_PEER_PORT'}});
  });
});

test('each pair of names and each direction has its own key', () => {
  const names = {cluster: 'blue', client: 'node1', server: 'node2'};
  const keys = [
    derivePeerKey(keyA, names),
    derivePeerKey(keyB, names),
    derivePeerKey(keyA, {...names, cluster: 'red'}),
    derivePeerKey(keyA, {...names, client: 'node2', server: 'node1'}),
    derivePeerKey(keyA, {...names, server: 'node3'}),
  ].map((one) => one.toString('hex'));
  expect(new Set(keys).size).toBe(5);
});

test.each(['', 'node1', '#1', 'node1#', 'node1#x', '../x#1', `${'n'.repeat(65)}#1`, 'a#1#2'])(
  'the identity %j is none',
  (text) => {
    expect(parseIdentity(text)).toBeNull();
  },
);
