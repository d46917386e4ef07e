/**
 * ICMP echo as bytes (RFC 792): what is asked of a ping target, and what may count as its answer.
 * The token makes an answer one to us, and one that nobody could write who has not seen the
 * question.
 */

/** Of our own: chance, drawn once per life. */
export const echoTokenBytes = 8;

export interface Echo {
  /** 16 bits; with the token it tells our questions from those of others. */
  readonly id: number;
  /** 16 bits. */
  readonly sequence: number;
  readonly token: Uint8Array;
}

const echoReply = 0;
const echoRequest = 8;
const headerBytes = 8;
const ipHeaderBytesMin = 20;

export function encodeEcho({id, sequence, token}: Echo): Uint8Array {
  const bytes = new Uint8Array(headerBytes + echoTokenBytes);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, echoRequest);
  view.setUint16(4, id);
  view.setUint16(6, sequence);
  bytes.set(token.subarray(0, echoTokenBytes), headerBytes);
  view.setUint16(2, checksum(bytes));
  return bytes;
}

/**
 * The answer to one of our questions, from a packet with its IPv4 header as a raw socket gives it;
 * null: something else.
 */
export function decodeReply(packet: Uint8Array): (Echo & {readonly from: string}) | null {
  if (packet.length < ipHeaderBytesMin || packet[0]! >> 4 !== 4) return null;
  const start = (packet[0]! & 0x0f) * 4;
  const bytes = packet.subarray(start);
  if (start < ipHeaderBytesMin || bytes.length !== headerBytes + echoTokenBytes) return null;
  if (bytes[0] !== echoReply || bytes[1] !== 0 || checksum(bytes) !== 0) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    from: [...packet.subarray(12, 16)].join('.'),
    id: view.getUint16(4),
    sequence: view.getUint16(6),
    token: bytes.slice(headerBytes),
  };
}

/** RFC 1071: the ones' complement of the sum of all 16-bit words; 0 over a whole packet: intact. */
function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let index = 0; index < bytes.length; index += 2) {
    sum += (bytes[index]! << 8) | (bytes[index + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
