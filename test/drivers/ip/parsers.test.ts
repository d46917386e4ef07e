import {readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {findAddress, type Interface} from '../../../src/drivers/ip/interfaces.ts';
import {parseIfconfig} from '../../../src/drivers/ip/parse-ifconfig.ts';
import {parseIpJson} from '../../../src/drivers/ip/parse-ip-json.ts';
import {parseIfInet6} from '../../../src/drivers/ip/read-interfaces.ts';
import {addressInHosts} from '../../../src/drivers/ip/resolve.ts';
import {parseAddress} from '../../../src/kernel/ip-address.ts';

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

/** One line per interface and address. */
function shown(interfaces: readonly Interface[] | null): string {
  return (interfaces ?? [])
    .flatMap((one) => [
      `${one.name} ${one.hardware ?? '-'} ${one.isUp ? 'up' : 'off'} ${String(one.hasCarrier)} ` +
        (one.hasNeighbours ? 'neighbours' : 'alone'),
      ...one.addresses.map(
        ({address, prefix, state, secondary}) =>
          `  ${address.text}/${prefix} ${state}${secondary ? ' secondary' : ''}`,
      ),
    ])
    .join('\n');
}

describe('the list of interfaces', () => {
  it('is read from ip of Linux', () => {
    expect(shown(parseIpJson(read('ip-addr.json')))).toMatchInlineSnapshot(`
      "lo 00:00:00:00:00:00 off false alone
      eth0 02:00:0a:32:00:01 up true neighbours
        10.50.0.1/24 ok
        10.50.0.100/24 ok secondary
        2001:db8::6/64 ok
        2001:db8::5/64 duplicate
        fe80::aff:fe32:1/64 ok
      eth1 72:61:4a:2c:4b:e6 up false neighbours
        192.0.2.7/32 ok"
    `);
  });

  it('is read from ifconfig of FreeBSD', () => {
    expect(shown(parseIfconfig(read('ifconfig.txt')))).toMatchInlineSnapshot(`
      "em0 08:00:27:0c:22:41 up true neighbours
        192.0.2.10/24 ok
        192.0.2.100/32 ok
        fe80::a00:27ff:fe0c:2241/64 ok
        2001:db8::10/64 tentative
        2001:db8::11/64 duplicate
      em1 08:00:27:0c:22:42 off false neighbours
      lo0 - up null alone
        ::1/128 ok
        127.0.0.1/8 ok"
    `);
  });

  it.each(['', 'Device "x" does not exist.', '{}', '[', 'null', '[1, null, {"ifname": 3}]'])(
    'is not made up from %j',
    (text) => {
      expect(parseIpJson(text)?.length ?? 0).toBe(0);
      expect(parseIfconfig(text)).toBeNull();
    },
  );

  it('finds an address by its value, however it is written', () => {
    const interfaces = parseIpJson(read('ip-addr.json'))!;
    const found = findAddress(interfaces, parseAddress('2001:DB8:0:0::0006')!);
    expect(found?.at.name).toBe('eth0');
    expect(findAddress(interfaces, parseAddress('10.50.0.10')!)).toBeNull();
  });
});

describe('the list of IPv6 addresses in /proc', () => {
  it('tells which are not yet, and which are not to be, ours alone', () => {
    const text = `20010db8000000000000000000000006 02 40 00 80     eth0
20010db8000000000000000000000005 02 40 00 c8     eth0
fe8000000000000000000afffe320001 02 40 20 c0     eth0
odd line
`;
    expect(
      parseIfInet6(text).map(({address, device, state}) => `${address.text} ${device} ${state}`),
    ).toEqual([
      '2001:db8::6 eth0 ok',
      '2001:db8::5 eth0 duplicate',
      'fe80::aff:fe32:1 eth0 tentative',
    ]);
  });
});

describe('/etc/hosts', () => {
  const text = '127.0.0.1 localhost\n# 192.0.2.1 p26\n192.0.2.2\tother P26.example # p26\nx p26\n';

  it.each([
    ['p26.example', '192.0.2.2'],
    ['P26.EXAMPLE', '192.0.2.2'],
    ['p26', null],
    ['localhost', '127.0.0.1'],
  ])('has for %s the address %s', (name, expected) => {
    expect(addressInHosts(text, name)?.text ?? null).toBe(expected);
  });
});
