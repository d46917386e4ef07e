/** IPv4 and IPv6 addresses as numbers, so that two ways of writing one address are the same. */

export interface IpAddress {
  readonly family: 4 | 6;
  /** In its shortest form (RFC 5952 for IPv6). */
  readonly text: string;
  /** 4 or 16 bytes. */
  readonly bytes: readonly number[];
}

/** Null where the text is no address. A scope (`%eth0`) is none. */
export function parseAddress(text: string): IpAddress | null {
  if (text.includes(':')) return parseIpv6(text);
  const bytes = ipv4Bytes(text);
  return bytes === null ? null : {family: 4, text: bytes.join('.'), bytes};
}

export function sameAddress(left: IpAddress, right: IpAddress): boolean {
  return left.family === right.family && left.text === right.text;
}

/** True where the first `prefix` bits of both agree. */
export function sameNetwork(left: IpAddress, right: IpAddress, prefix: number): boolean {
  if (left.family !== right.family) return false;
  return left.bytes.every((byte, index) => {
    const bits = Math.min(8, Math.max(0, prefix - index * 8));
    const mask = (0xff00 >> bits) & 0xff;
    return (byte & mask) === (right.bytes[index]! & mask);
  });
}

/** A dotted mask (IPv4), `/24` or `24`; null where it is none for this family. */
export function prefixOfMask(text: string, family: 4 | 6): number | null {
  const length = /^\/?(\d{1,3})$/.exec(text);
  if (length !== null) {
    const prefix = Number(length[1]);
    return prefix >= 1 && prefix <= (family === 4 ? 32 : 128) ? prefix : null;
  }
  if (/^0x[0-9a-f]{8}$/i.test(text) && family === 4) return bitsOf(Number(text));
  const bytes = family === 4 ? ipv4Bytes(text) : null;
  return bytes === null ? null : bitsOf(bytes.reduce((sum, byte) => sum * 256 + byte, 0));
}

/** Ones from the left and nothing else; null for a mask with holes, and for none at all. */
function bitsOf(mask: number): number | null {
  const bits = mask.toString(2).padStart(32, '0');
  return /^1+0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : null;
}

/** Four numbers without leading zeros, which some readers take for octal. */
function ipv4Bytes(text: string): readonly number[] | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part))) return null;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : null;
}

function parseIpv6(text: string): IpAddress | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const groups = halves.map((half) => (half === '' ? [] : groupsOf(half.split(':'))));
  const [left, right = []] = groups;
  if (left === undefined || left === null || right === null) return null;
  const missing = 8 - left.length - right.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const all = [...left, ...Array.from({length: missing}, () => 0), ...right];
  return {family: 6, text: shortest(all), bytes: all.flatMap((one) => [one >> 8, one & 0xff])};
}

/** Groups of 16 bits; the last part may be written as an IPv4 address. */
function groupsOf(parts: readonly string[]): readonly number[] | null {
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else {
      const bytes = index === parts.length - 1 ? ipv4Bytes(part) : null;
      if (bytes === null) return null;
      groups.push(bytes[0]! * 256 + bytes[1]!, bytes[2]! * 256 + bytes[3]!);
    }
  }
  return groups;
}

/** RFC 5952: no leading zeros; the first of the longest runs of zeros is `::`, but not one zero. */
function shortest(groups: readonly number[]): string {
  let best = {from: 0, length: 1};
  for (let from = 0; from < groups.length; from += 1) {
    let length = 0;
    while (groups[from + length] === 0) length += 1;
    if (length > best.length) best = {from, length};
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.length < 2) return hex.join(':');
  const head = hex.slice(0, best.from).join(':');
  return `${head}::${hex.slice(best.from + best.length).join(':')}`;
}
