import {expect, test} from 'vitest';
import {toText} from '../../src/status/lines.ts';
import {links} from '../../src/status/links.ts';
import {healthy, jeopardy, multicast, peerLink} from './views.ts';

test('the links page shows both directions, the ages and the path in full', () => {
  expect(toText(links(jeopardy()), {colour: false})).toMatchInlineSnapshot(`
    "hb#1 multicast eth0:239.131.50.10:1234
      node1  here                           sent 0.2 s ago
      node2  down  receive down  send down  heard 4 min ago  dead after 5 s

    hb#2 unicast eth1:10.0.0.1:10000
      node1  fault                              sent 0.2 s ago
      node2  down   receive down  send unknown  heard 4 min ago  dead after 5 s
      node1: eth1 has no carrier

    hb#3 disk /dev/mapper/14f504e46494c45526967724d32682d553243692d4f336a4c:0
      node1  here                       sent 0.6 s ago
      node2  up    receive up  send up  heard 0.9 s ago  dead after 10 s
    "
  `);
});

test('a state that is no plain word is explained', () => {
  const media = (['auth', 'held-down', 'degraded', 'unknown'] as const).map((state) =>
    multicast({peers: [peerLink({state, ageMs: state === 'unknown' ? null : 700})]}),
  );
  expect(toText(links(healthy({media})), {colour: false})).toMatchInlineSnapshot(`
    "hb#1 multicast eth0:239.131.50.10:1234
      node1  here                       sent 0.2 s ago
      node2  auth  receive up  send up  heard 0.7 s ago  dead after 5 s
      node2: signatures fail: compare secret.key on both nodes

    hb#1 multicast eth0:239.131.50.10:1234
      node1  here                            sent 0.2 s ago
      node2  held-down  receive up  send up  heard 0.7 s ago  dead after 5 s
      node2: it flapped; it counts again once it has been steady

    hb#1 multicast eth0:239.131.50.10:1234
      node1  here                           sent 0.2 s ago
      node2  degraded  receive up  send up  heard 0.7 s ago  dead after 5 s
      node2: one way only, or it does not confirm what it hears

    hb#1 multicast eth0:239.131.50.10:1234
      node1  here                          sent 0.2 s ago
      node2  unknown  receive up  send up  never heard     dead after 5 s
      node2: not judged yet
    "
  `);
});

test('a cluster without links says so', () => {
  expect(toText(links(healthy({media: []})), {colour: false})).toBe(
    'no heartbeat links are configured\n',
  );
});
