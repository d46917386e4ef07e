import {once} from 'node:events';
import {createSocket} from 'node:dgram';
import {afterEach, describe, expect, test} from 'vitest';
import {UdpSocket} from '../../../src/heartbeat/io/udp-socket.ts';
import {until} from './until.ts';

const group = '239.192.71.7';
const sockets: UdpSocket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind({port: 0, address: '127.0.0.1'});
  await once(socket, 'listening');
  const {port} = socket.address();
  socket.close();
  return port;
}

/** A socket on the loopback interface that hears what it sends to its group. */
async function joined(faults: (string | null)[]): Promise<{socket: UdpSocket; got: number[]}> {
  const port = await freePort();
  const got: number[] = [];
  const socket = new UdpSocket({
    bindTo: () => ({address: group, port}),
    family: 4,
    share: true,
    group,
    multicast: {ttl: 1, loopback: true},
    via: () => '127.0.0.1',
    onPacket: (bytes) => got.push(bytes[0]!),
    onFault: (fault) => faults.push(fault),
  });
  sockets.push(socket);
  await until('it is open', () => socket.isOpen);
  return {socket, got};
}

describe('a socket of a group', () => {
  test('hears its group after its membership was renewed, and after it was reopened', async () => {
    const faults: (string | null)[] = [];
    const {socket, got} = await joined(faults);
    const reach = (mark: number): Promise<void> =>
      until(`${mark} arrives`, () => {
        const to = {address: group, port: socket.port};
        socket.send(Uint8Array.of(mark), to, () => undefined);
        return got.includes(mark);
      });
    await reach(1);
    socket.rejoin();
    await reach(2);
    socket.reopen();
    await reach(3);
    expect(faults).toEqual([null, null]);
  });

  test('says why it could not send, and never throws', async () => {
    const {socket} = await joined([]);
    const send = (to: {address: string; port: number}): Promise<string | null> =>
      new Promise((resolve) => socket.send(new Uint8Array(1), to, resolve));
    expect(await send({address: 'a-name', port: 9})).toBe('ENOTFOUND');
    expect(await send({address: group, port: 99_999})).toBe('ERR_SOCKET_BAD_PORT');
    expect(await send({address: group, port: socket.port})).toBeNull();
    socket.close();
    expect(await send({address: group, port: 9})).toBe('ENOTCONN');
  });

  test('on an interface that is not there tries again and again, and says so', async () => {
    const faults: (string | null)[] = [];
    const socket = new UdpSocket({
      bindTo: () => ({address: group, port: 0}),
      family: 4,
      share: false,
      group,
      multicast: null,
      via: () => '192.0.2.1',
      onPacket: () => undefined,
      onFault: (fault) => faults.push(fault),
    });
    sockets.push(socket);
    await until('two attempts', () => faults.length >= 2);
    expect(new Set(faults)).toEqual(new Set([`socket ${group}:0: no such interface (ENODEV)`]));
  });
});
