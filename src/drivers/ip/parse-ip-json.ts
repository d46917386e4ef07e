/** What `ip -j addr show` prints (iproute2), read without trust: anything odd is left out. */

import {parseAddress} from '../../kernel/ip-address.ts';
import type {Interface, InterfaceAddress} from './interfaces.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Null where the text is no answer of that program. */
export function parseIpJson(text: string): readonly Interface[] | null {
  let links: unknown;
  try {
    links = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(links)) return null;
  return links.filter(isFields).flatMap((link) => interfaceOf(link) ?? []);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function interfaceOf(link: Fields): Interface | null {
  const {ifname, ifindex, address, addr_info: infos} = link;
  if (typeof ifname !== 'string') return null;
  const flags = Array.isArray(link['flags']) ? link['flags'] : [];
  return {
    name: ifname,
    index: typeof ifindex === 'number' ? ifindex : null,
    hardware: typeof address === 'string' ? address : null,
    isUp: flags.includes('UP'),
    hasCarrier: flags.includes('LOWER_UP'),
    hasNeighbours: !flags.includes('NOARP') && !flags.includes('LOOPBACK'),
    addresses: Array.isArray(infos)
      ? infos.filter(isFields).flatMap((info) => addressOf(info) ?? [])
      : [],
  };
}

function addressOf(info: Fields): InterfaceAddress | null {
  const {local, prefixlen} = info;
  const address = typeof local === 'string' ? parseAddress(local) : null;
  if (address === null || typeof prefixlen !== 'number') return null;
  const isDuplicate = info['dadfailed'] === true;
  const state = isDuplicate ? 'duplicate' : info['tentative'] === true ? 'tentative' : 'ok';
  return {address, prefix: prefixlen, state, secondary: info['secondary'] === true};
}
