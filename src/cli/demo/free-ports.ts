/** Ports that nobody uses at the moment: two demos, or a daemon beside one, must not collide. */

import {readFile} from 'node:fs/promises';
import {createServer, type Server} from 'node:net';

const attemptsMax = 64;

/** `count` different ports that are free for TCP and, as far as the system tells, for UDP. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const udp = await boundUdpPorts();
  const held: Server[] = [];
  const ports: number[] = [];
  try {
    // All are held until the last one is found, so that none is given out twice.
    for (let attempt = 0; ports.length < count && attempt < attemptsMax; attempt += 1) {
      const {server, port} = await listenAnywhere();
      held.push(server);
      if (!udp.has(port)) ports.push(port);
    }
  } finally {
    await Promise.all(held.map(close));
  }
  if (ports.length < count) throw new Error(`found ${ports.length} free ports of ${count}`);
  return ports;
}

function listenAnywhere(): Promise<{readonly server: Server; readonly port: number}> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({server, port: typeof address === 'object' && address !== null ? address.port : 0});
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

/** Linux lists them; elsewhere none is known, and a daemon that finds its port taken says so. */
async function boundUdpPorts(): Promise<ReadonlySet<number>> {
  const ports = new Set<number>();
  for (const path of ['/proc/net/udp', '/proc/net/udp6']) {
    const text = await readFile(path, 'utf8').catch(() => '');
    for (const match of text.matchAll(/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) /gm)) {
      ports.add(Number.parseInt(match[1] ?? '0', 16));
    }
  }
  return ports;
}
