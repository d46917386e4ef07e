import {describe, expect, it} from 'vitest';
import {
  arpAnnouncements,
  arpProbe,
  claimant,
  hardwareBytes,
  neighbourAdvertisement,
} from '../../../src/drivers/ip/neighbour-packets.ts';

const own = hardwareBytes('02:00:0a:32:00:01')!;
const other = hardwareBytes('02:00:0a:32:00:02')!;
const address = [10, 50, 0, 100];
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
/** With marks between the fields, for the eye. */
const marked = (text: string): string => text.replaceAll('_', '');

describe('a packet to the neighbours', () => {
  it('asks without telling who will have the address', () => {
    expect(hex(arpProbe(own, address))).toBe(
      marked('0001080006040001_02000a320001_00000000_000000000000_0a320064'),
    );
  });

  it('announces as a request and as a reply', () => {
    expect(arpAnnouncements(own, address).map(hex)).toEqual([
      marked('0001080006040001_02000a320001_0a320064_000000000000_0a320064'),
      marked('0001080006040002_02000a320001_0a320064_000000000000_0a320064'),
    ]);
  });

  it('overrides what IPv6 neighbours know', () => {
    const target = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5];
    expect(hex(neighbourAdvertisement(own, target))).toBe(
      marked('8800000020000000_20010db8000000000000000000000005_0201_02000a320001'),
    );
  });
});

describe('a packet from a neighbour', () => {
  const [announcement, reply] = arpAnnouncements(other, address);

  it.each([
    ['an announcement', announcement!],
    ['an answer', reply!],
    ['a probe for the same address', arpProbe(other, address)],
  ])('claims the address by %s', (_, packet) => {
    expect(claimant(packet, own, address)).toBe('02:00:0a:32:00:02');
  });

  const changed = (index: number, value: number): Uint8Array => {
    const packet = Uint8Array.from(reply!);
    packet[index] = value;
    return packet;
  };

  it.each([
    ['our own', arpAnnouncements(own, address)[0]!],
    ['about another address', arpAnnouncements(other, [10, 50, 0, 101])[0]!],
    ['a probe for another address', arpProbe(other, [10, 50, 0, 101])],
    ['a question about the address by who has another one', changed(17, 7)],
    ['short', reply!.subarray(0, 27)],
    ['no Ethernet', changed(1, 6)],
    ['no IPv4', changed(2, 9)],
  ])('claims nothing where it is %s', (_, packet) => {
    expect(claimant(packet, own, address)).toBeNull();
  });
});

describe('a hardware address', () => {
  it.each(['', '02:00:0a:32:00', '02:00:0a:32:00:01:02', '02-00-0a-32-00-01', '::'])(
    'is not %j',
    (text) => expect(hardwareBytes(text)).toBeNull(),
  );
});
