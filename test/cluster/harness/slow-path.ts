/**
 * Delay, jitter and reordering without netem, which not every kernel has: a further station takes
 * the multicast of a sender, and gives it to the receiver later under the sender's address.
 */

import {spawn} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {must} from './command.ts';
import {freezer} from './freezer.ts';
import type {Network} from './network.ts';
import {waitFor} from './wait-for.ts';

export interface SlowPath {
  /** Station and its number. */
  readonly from: {readonly name: string; readonly number: number};
  readonly to: string;
  readonly link: number;
  readonly group: string;
  readonly port: number;
  readonly delayMs: number;
  /** Each packet is late by delay ± jitter. */
  readonly jitterMs: number;
}

/** Number of the station that delays; nodes are numbered from 1. */
const stationNumber = 200;

/** From here on the receiver hears the sender on that link only through the slow path. */
export async function makeSlow(network: Network, path: SlowPath): Promise<void> {
  const {from, to, link, group, port} = path;
  const station = `slow${link}`;
  await network.plug(station, stationNumber);
  await network.impair({from: from.name, to, link, udpOnly: true});
  await network.impair({from: station, to: from.name, link});
  const namespace = network.namespaceOf(station);
  const sender = `10.50.${link}.${from.number}`;
  const disguise = `udp dport ${port} ip saddr set ${sender}`;
  const chain = `chain out { type filter hook postrouting priority 0; ${disguise}; };`;
  const enter = ['ip', 'netns', 'exec', namespace];
  await must([...enter, 'nft', '-f', '-'], {input: `table ip disguise { ${chain} }\n`});

  const program = fileURLToPath(new URL('./slow-path-process.ts', import.meta.url));
  const times = [path.delayMs, path.jitterMs].map(String);
  const args = [`10.50.${link}.${stationNumber}`, sender, group, String(port), ...times];
  const [file = '', ...rest] = [...enter, process.execPath, program, ...args];
  const child = spawn(file, rest, {detached: true, stdio: ['ignore', 'pipe', 'inherit']});
  // In a group of the run: its sweep ends the process.
  writeFileSync(freezer(namespace).procsFile, String(child.pid));
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  await waitFor('the slow path is open', () => printed === 'up\n');
}
