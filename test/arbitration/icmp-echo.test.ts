import {describe, expect, it} from 'vitest';
import {decodeReply, encodeEcho} from '../../src/arbitration/icmp-echo.ts';

const echo = {id: 0x1234, sequence: 7, token: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)};
const header = [0x45, 0, 0, 36, 0, 0, 0, 0, 64, 1, 0, 0, 10, 50, 0, 99, 10, 50, 0, 1];

/** What a target sends back: the type changes, and with it the checksum by 8 << 8. */
function replyTo(request: Uint8Array, ip: readonly number[] = header): Uint8Array {
  const reply = Uint8Array.from(request);
  reply[0] = 0;
  let sum = ((reply[2]! << 8) | reply[3]!) + 0x0800;
  sum = (sum & 0xffff) + (sum >>> 16);
  reply.set([sum >>> 8, sum & 0xff], 2);
  return Uint8Array.from([...ip, ...reply]);
}

describe('an echo', () => {
  it('is a request with the checksum of RFC 1071', () => {
    // 0800 + 1234 + 0007 + 0102 + 0304 + 0506 + 0708 = 2a4f, and its complement.
    const expected = '0800d5b0123400070102030405060708';
    expect(Buffer.from(encodeEcho(echo)).toString('hex')).toBe(expected);
  });

  it('comes back as what was asked, and from whom', () => {
    expect(decodeReply(replyTo(encodeEcho(echo)))).toEqual({...echo, from: '10.50.0.99'});
  });

  it('is read behind the options of an IP header', () => {
    const withOptions = [0x46, ...header.slice(1), 1, 1, 1, 1];
    expect(decodeReply(replyTo(encodeEcho(echo), withOptions))?.sequence).toBe(7);
  });

  it('is not taken for its own answer', () => {
    expect(decodeReply(Uint8Array.from([...header, ...encodeEcho(echo)]))).toBeNull();
  });

  it('is refused where any bit of it has changed', () => {
    const reply = replyTo(encodeEcho(echo));
    for (let bit = header.length * 8; bit < reply.length * 8; bit += 1) {
      const torn = Uint8Array.from(reply);
      torn[bit >>> 3]! ^= 1 << (bit & 7);
      expect(decodeReply(torn)).toBeNull();
    }
  });

  it('is refused at every other length, and with an IP header that cannot be one', () => {
    const reply = replyTo(encodeEcho(echo));
    for (let length = 0; length < reply.length; length += 1) {
      expect(decodeReply(reply.subarray(0, length))).toBeNull();
    }
    expect(decodeReply(Uint8Array.from([...reply, 0]))).toBeNull();
    for (const first of [0x00, 0x41, 0x4f, 0x65]) {
      const odd = Uint8Array.from(reply);
      odd[0] = first;
      expect(decodeReply(odd)).toBeNull();
    }
  });
});
