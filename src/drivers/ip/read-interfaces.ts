/**
 * What addresses this node has. Most questions are answered without a process: Node lists the
 * addresses of interfaces that are up and have carrier, and Linux lists all of IPv6 in /proc. Only
 * an address that neither shows may still be on an interface without carrier, and for that `ip` or
 * `ifconfig` is asked.
 */

import {readFile} from 'node:fs/promises';
import {networkInterfaces} from 'node:os';
import {parseAddress, sameAddress, type IpAddress} from '../../kernel/ip-address.ts';
import {sentence} from '../outcome.ts';
import {run} from '../host/run.ts';
import {sharedLook} from '../shared-look.ts';
import type {Interface} from './interfaces.ts';
import {parseIfconfig} from './parse-ifconfig.ts';
import {parseIpJson} from './parse-ip-json.ts';

/** A list of interfaces, or a sentence why there is none. */
export type InterfacesRead = readonly Interface[] | string;

/** A thousand addresses are listed in 20 ms. */
const listMs = 5_000;
/** Room for some thousand addresses in JSON. */
const listBytesMax = 4 * 1_024 * 1_024;

export const listCommand =
  process.platform === 'freebsd' ? ['ifconfig', '-a'] : ['ip', '-j', 'addr', 'show'];

/** Everything, by a program. */
export const readInterfaces = sharedLook(async (): Promise<InterfacesRead> => {
  const [program = ''] = listCommand;
  const asked = {argv: listCommand, deadlineMs: listMs, outputBytesMax: listBytesMax};
  const result = await run(asked);
  if (result.kind !== 'exited' || result.code !== 0) {
    return sentence({program, result, deadlineMs: listMs});
  }
  const parse = program === 'ip' ? parseIpJson : parseIfconfig;
  return parse(result.stdout) ?? `${listCommand.join(' ')}: it printed no list of interfaces`;
});

/** Where Node itself sees the address; null: not there, or on an interface without carrier. */
export function glimpse(address: IpAddress): {device: string; prefix: number | null} | null {
  for (const [label, infos = []] of Object.entries(networkInterfaces())) {
    for (const info of infos) {
      const found = parseAddress(info.address);
      if (found === null || !sameAddress(found, address)) continue;
      const [device = ''] = label.split(':'); // It lists `eth0:1` beside `eth0`.
      return {device, prefix: Number(info.cidr?.split('/')[1]) || null};
    }
  }
  return null;
}

export interface Ipv6Line {
  readonly address: IpAddress;
  readonly device: string;
  readonly state: 'ok' | 'tentative' | 'duplicate';
}

/** IFA_F_DADFAILED and IFA_F_TENTATIVE of linux/if_addr.h. */
const duplicateFlag = 0x08;
const tentativeFlag = 0x40;

/** The lines of /proc/net/if_inet6: address, index, prefix, scope, flags, all in hex, and name. */
export function parseIfInet6(text: string): readonly Ipv6Line[] {
  const lines: Ipv6Line[] = [];
  for (const line of text.split('\n')) {
    const [hex = '', , , , flagsHex = '', device = ''] = line.trim().split(/\s+/);
    const address = parseAddress(hex.match(/.{4}/g)?.join(':') ?? '');
    const flags = Number.parseInt(flagsHex, 16);
    if (address === null || device === '' || Number.isNaN(flags)) continue;
    const isTentative = (flags & tentativeFlag) !== 0;
    const state = (flags & duplicateFlag) !== 0 ? 'duplicate' : isTentative ? 'tentative' : 'ok';
    lines.push({address, device, state});
  }
  return lines;
}

/** Null: not here; undefined: this system does not tell. */
export async function ipv6State(address: IpAddress): Promise<Ipv6Line | null | undefined> {
  try {
    const text = await readFile('/proc/self/net/if_inet6', 'utf8');
    return parseIfInet6(text).find((line) => sameAddress(line.address, address)) ?? null;
  } catch {
    return undefined; // FreeBSD, or a kernel without IPv6.
  }
}
