/**
 * What neighbours are told and asked: ARP for IPv4 over Ethernet (RFC 826, RFC 5227) and neighbour
 * advertisements (RFC 4861). Only the bytes; sockets are in drivers/host.
 */

export type Bytes = readonly number[];

const request = 1;
const reply = 2;
const arpBytes = 28;

/** Who has `address`? Asked with the sender 0.0.0.0, so that nobody learns anything from it. */
export function arpProbe(own: Bytes, address: Bytes): Uint8Array {
  return arp({operation: request, own, sender: [0, 0, 0, 0], target: address});
}

/** "I have it", as a request and as a reply: some systems believe only one of the two. */
export function arpAnnouncements(own: Bytes, address: Bytes): readonly Uint8Array[] {
  return [request, reply].map((operation) =>
    arp({operation, own, sender: address, target: address}),
  );
}

/**
 * The hardware address of another node that has or claims `address`, or null: an answer to our
 * probe, an announcement, or a probe for the same address, whose sender is about to take it.
 */
export function claimant(packet: Uint8Array, own: Bytes, address: Bytes): string | null {
  if (packet.length < arpBytes) return null;
  const header = [...packet.subarray(0, 6)];
  if (!sameBytes(header, [0, 1, 8, 0, 6, 4])) return null;
  const hardware = [...packet.subarray(8, 14)];
  if (sameBytes(hardware, own)) return null;
  const sender = [...packet.subarray(14, 18)];
  const target = [...packet.subarray(24, 28)];
  const claims = sameBytes(sender, address);
  const probes = packet[7] === request && sender.every((byte) => byte === 0);
  if (!claims && !(probes && sameBytes(target, address))) return null;
  return hardware.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/**
 * An unsolicited neighbour advertisement with the override flag, its checksum left to the kernel:
 * type, code, checksum, flags, target, and the option with our hardware address.
 */
export function neighbourAdvertisement(own: Bytes, address: Bytes): Uint8Array {
  const override = 0x20;
  return Uint8Array.from([136, 0, 0, 0, override, 0, 0, 0, ...address, 2, 1, ...own]);
}

/** `02:00:0a:32:00:01` as bytes, or null where it is no Ethernet address. */
export function hardwareBytes(text: string): Bytes | null {
  if (!/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i.test(text)) return null;
  return text.split(':').map((part) => Number.parseInt(part, 16));
}

function arp(parts: {
  readonly operation: number;
  readonly own: Bytes;
  readonly sender: Bytes;
  readonly target: Bytes;
}): Uint8Array {
  const {operation, own, sender, target} = parts;
  const nobody = [0, 0, 0, 0, 0, 0];
  return Uint8Array.from([0, 1, 8, 0, 6, 4, 0, operation, ...own, ...sender, ...nobody, ...target]);
}

function sameBytes(left: Bytes, right: Bytes): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
