/**
 * Runs inside a node: sends its name over multicast on each link every 20 ms, and prints what it
 * hears as one JSON object per line. Arguments: name, number of links.
 */

import {createSocket} from 'node:dgram';

const beatMs = 20;
const port = 5_405;
const [name = '', links = '0'] = process.argv.slice(2);
const nowMs = (): number => Number(process.hrtime.bigint() / 1_000_000n);

for (let link = 0; link < Number(links); link += 1) {
  // A group per link, and the socket bound to it: otherwise each socket hears all links.
  const group = `239.10.50.${link + 1}`;
  const socket = createSocket({type: 'udp4', reuseAddr: true});
  socket.on('message', (bytes) => {
    const beat = JSON.parse(bytes.toString()) as object;
    process.stdout.write(`${JSON.stringify({...beat, heardMs: nowMs()})}\n`);
  });
  socket.on('error', (error) =>
    process.stdout.write(`${JSON.stringify({error: error.message})}\n`),
  );
  socket.bind({port, address: group}, () => {
    const own = own4(link);
    socket.addMembership(group, own);
    socket.setMulticastInterface(own);
    socket.setMulticastLoopback(false);
    const send = (): void => {
      const beat = JSON.stringify({from: name, link, sentMs: nowMs()});
      // Without carrier sending may fail: that is what the tests provoke.
      socket.send(beat, port, group, () => undefined);
    };
    setInterval(send, beatMs);
  });
}

function own4(link: number): string {
  return `10.50.${link}.${name.replace(/\D/g, '')}`;
}
