/**
 * Both ends of one multicast link in a network namespace of their own (run it under `unshare
 * --net`). Multicast does not loop back here, so the two never hear each other by the group: what a
 * switch does that has forgotten it. Commands come as lines, events leave as JSON lines.
 */

import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {createInterface} from 'node:readline';
import type {LinkConfig, LinkEnd} from '../../../src/config/types.ts';
import {UdpLink} from '../../../src/heartbeat/io/udp-link.ts';
import {linkId, nodeName} from '../../../src/kernel/ids.ts';

const group = '239.192.71.9';
const addresses = ['10.77.0.1', '10.77.0.2'];
/** The first end knows its interface and perhaps its address, the second its address alone. */
const ends: LinkEnd[] = addresses.map((address, index) => ({
  iface: index === 0 ? 'eth0' : null,
  address: index === 0 && process.argv[2] === 'any' ? null : address,
  listen: [{address: group, port: 5_001 + index}],
  sendTo: [{address: group, port: 5_002 - index}],
}));
const names = ['node1', 'node2'].map((name) => nodeName(name));
const config: LinkConfig = {
  id: linkId('hb#1'),
  kind: 'multicast',
  deadMs: 200,
  ttl: 1,
  loopback: false,
  ends: new Map(names.map((name, index) => [name, ends[index]!])),
  place: {file: 'cluster.conf', line: 1},
};

function ip(command: string): void {
  execFileSync('ip', command.split(' '), {stdio: ['ignore', 'ignore', 'inherit']});
}

function addInterface(): void {
  ip('link add eth0 type veth peer name sw0');
  ip('link set sw0 up');
  ip('link set eth0 up');
  // A /24 would make the second address go away with the first one.
  for (const address of addresses) ip(`addr add ${address}/32 dev eth0`);
}

const say = (event: object): void => void process.stdout.write(`${JSON.stringify(event)}\n`);

ip('link set lo up');
addInterface();
const links = names.map(
  (node) =>
    new UdpLink({
      link: config,
      node,
      watchMs: 20,
      onPacket: (bytes, from) => say({node, from, text: new TextDecoder().decode(bytes)}),
      onFault: (fault) => say({node, fault}),
    }),
);

createInterface({input: process.stdin}).on('line', (line) => {
  const [verb, ...rest] = line.split(' ');
  if (verb === 'ip') ip(rest.join(' '));
  if (verb === 'plug') addInterface();
  if (verb === 'send') links[0]!.send(new TextEncoder().encode(rest.join(' ')));
  if (verb === 'learn') links[0]!.learnPeer(names[1]!, addresses[1]!);
  if (verb === 'silent') say({silent: links.map((link) => link.isGroupSilent())});
  if (verb === 'groups') say({joined: readFileSync('/proc/net/igmp', 'latin1').match(/0947C0EF/g)});
  if (verb === 'stats') say(links[1]!.stats);
});
process.stdin.on('end', () => process.exit(0));
say({ready: true});
