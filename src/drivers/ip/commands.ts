/** The commands that give an interface an address and take it away, per system. */

import type {IpAddress} from '../../kernel/ip-address.ts';

export interface Placement {
  readonly address: IpAddress;
  /** `PREFIX`: not known before the interface was asked. */
  readonly prefix: number | 'PREFIX';
  readonly device: string;
  /** Linux: `eth0:1`, shown by ifconfig; null: none. */
  readonly label: string | null;
}

export type Platform = 'linux' | 'freebsd';

export function platformHere(): Platform {
  return process.platform === 'freebsd' ? 'freebsd' : 'linux';
}

/** Longest prefix of IPv4 whose network still has a broadcast address (RFC 3021). */
const broadcastPrefixMax = 30;

export function addCommand(place: Placement, platform: Platform): readonly string[] {
  const {address, prefix, device, label} = place;
  const written = `${address.text}/${prefix}`;
  if (platform === 'freebsd') return ['ifconfig', device, familyWord(address), written, 'alias'];
  const isWide = prefix === 'PREFIX' || prefix <= broadcastPrefixMax;
  const broadcast = address.family === 4 && isWide ? ['brd', '+'] : [];
  const labels = address.family === 4 && label !== null ? ['label', label] : [];
  return ['ip', 'addr', 'add', written, ...broadcast, 'dev', device, ...labels];
}

export function deleteCommand(
  place: Omit<Placement, 'label'>,
  platform: Platform,
): readonly string[] {
  const {address, prefix, device} = place;
  if (platform === 'freebsd') {
    return ['ifconfig', device, familyWord(address), address.text, '-alias'];
  }
  return ['ip', 'addr', 'del', `${address.text}/${prefix}`, 'dev', device];
}

/** One question, answered within `seconds` or not; exit code 0 means that somebody did. */
export function pingCommand(address: IpAddress, seconds: number): readonly string[] {
  const family = address.family === 6 ? ['-6'] : [];
  // The whole of it: `-W` alone waits longer where the neighbour is not found.
  const end = platformHere() === 'freebsd' ? '-t' : '-w';
  return ['ping', ...family, '-n', '-q', '-c', '1', end, String(seconds), address.text];
}

function familyWord({family}: IpAddress): string {
  return family === 4 ? 'inet' : 'inet6';
}
