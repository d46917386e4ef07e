/**
 * Runs in the namespace of the slow path: takes the multicast of one sender and gives it back to
 * the same group later, each packet after a delay of its own, so that they also overtake each
 * other. Arguments: own address, address of the sender, group, port, delay and jitter in ms.
 */

import {createSocket} from 'node:dgram';

const [own = '', sender = '', group = '', port = '', delay = '', jitter = ''] =
  process.argv.slice(2);

const socket = createSocket({type: 'udp4', reuseAddr: true});
socket.on('message', (bytes, {address}) => {
  if (address !== sender) return;
  const lateMs = Number(delay) + (Math.random() * 2 - 1) * Number(jitter);
  setTimeout(() => socket.send(bytes, Number(port), group, () => undefined), Math.max(0, lateMs));
});
socket.bind({port: Number(port), address: group}, () => {
  socket.addMembership(group, own);
  socket.setMulticastInterface(own);
  socket.setMulticastLoopback(false);
  process.stdout.write('up\n');
});
