/** What `ifconfig -a` of FreeBSD prints. */

import {parseAddress, prefixOfMask} from '../../kernel/ip-address.ts';
import type {Interface, InterfaceAddress} from './interfaces.ts';

/** Null where the text is no answer of that program. */
export function parseIfconfig(text: string): readonly Interface[] | null {
  const blocks: string[][] = [];
  for (const line of text.split('\n')) {
    if (/^[A-Za-z]/.test(line)) blocks.push([line]);
    else if (line.trim() !== '') blocks.at(-1)?.push(line.trim());
  }
  const found = blocks.flatMap((lines) => interfaceOf(lines) ?? []);
  return found.length === 0 ? null : found;
}

function interfaceOf([head = '', ...lines]: readonly string[]): Interface | null {
  const match = /^([A-Za-z][\w.-]*): flags=[0-9a-f]+<([^>]*)>/.exec(head);
  if (match === null) return null;
  const flags = match[2]!.split(',');
  const status = valueOf(lines, /^status: (.+)$/);
  return {
    name: match[1]!,
    index: null,
    hardware: valueOf(lines, /^ether ([0-9a-f:]+)/),
    isUp: flags.includes('UP'),
    // "no carrier" of a cable; other words are those of wireless interfaces.
    hasCarrier: status === null ? null : status !== 'no carrier',
    hasNeighbours: !flags.includes('NOARP') && !flags.includes('LOOPBACK'),
    addresses: lines.flatMap((line) => addressOf(line) ?? []),
  };
}

function valueOf(lines: readonly string[], pattern: RegExp): string | null {
  for (const line of lines) {
    const match = pattern.exec(line);
    if (match !== null) return match[1]!;
  }
  return null;
}

function addressOf(line: string): InterfaceAddress | null {
  const ipv4 = /^inet ([0-9.]+) (?:--> [0-9.]+ )?netmask (0x[0-9a-f]{8})/.exec(line);
  const ipv6 = /^inet6 ([0-9a-f:.]+)(?:%\S+)? prefixlen (\d+)/.exec(line);
  const [, text, mask] = ipv4 ?? ipv6 ?? [];
  const address = text === undefined ? null : parseAddress(text);
  if (address === null || mask === undefined) return null;
  // A host route has the mask of all ones, which is the length of the address.
  const prefix = prefixOfMask(mask, address.family);
  if (prefix === null) return null;
  const words = line.split(' ');
  const isDuplicate = words.includes('duplicated');
  const state = isDuplicate ? 'duplicate' : words.includes('tentative') ? 'tentative' : 'ok';
  return {address, prefix, state, secondary: false};
}
