/**
 * Tells the neighbours where an address is now: gratuitous ARP for IPv4, unsolicited neighbour
 * advertisements for IPv6. Repeated, because a switch that has just learned of the change, or a
 * neighbour that was asleep, misses the first; and only while the address is still ours.
 */

import type {IpAddress} from '../../kernel/ip-address.ts';
import {openArp, openIcmpv6, type LinkSocket} from '../host/link-socket.ts';
import type {Interface} from './interfaces.ts';
import {arpAnnouncements, hardwareBytes, neighbourAdvertisement} from './neighbour-packets.ts';
import {glimpse} from './read-interfaces.ts';

/** From the first one, ms. */
const repeatsMs = [100, 500, 2_000, 5_000] as const;

export class Announcer {
  readonly #timers = new Map<string, NodeJS.Timeout[]>();

  /** Sends the first before it returns; null, or why it could not. */
  async announce(address: IpAddress, on: Interface): Promise<string | null> {
    this.cancel(address);
    const fault = await announceOnce(address, on);
    if (fault !== null) return fault;
    const timers = repeatsMs.map((ms) =>
      setTimeout(() => {
        // What fails now failed to send a repetition: the first one was sent.
        if (glimpse(address)?.device === on.name) void announceOnce(address, on);
      }, ms).unref(),
    );
    this.#timers.set(address.text, timers);
    setTimeout(() => this.#forget(address, timers), repeatsMs.at(-1)! + 1).unref();
    return null;
  }

  /** Called BEFORE the address is taken away: a late repetition would claim it back. */
  cancel(address: IpAddress): void {
    for (const timer of this.#timers.get(address.text) ?? []) clearTimeout(timer);
    this.#timers.delete(address.text);
  }

  #forget(address: IpAddress, timers: readonly NodeJS.Timeout[]): void {
    if (this.#timers.get(address.text) === timers) this.#timers.delete(address.text);
  }
}

async function announceOnce(address: IpAddress, on: Interface): Promise<string | null> {
  const own = on.hardware === null ? null : hardwareBytes(on.hardware);
  if (!on.hasNeighbours || own === null || on.index === null) return null;
  const isIpv4 = address.family === 4;
  const socket = await (isIpv4 ? openArp(on.index) : openIcmpv6(on.index, address.bytes));
  if (socket === null) return 'koffi is not installed';
  if (typeof socket === 'string') return socket;
  const packets = isIpv4
    ? arpAnnouncements(own, address.bytes)
    : [neighbourAdvertisement(own, address.bytes)];
  return sendAll(socket, packets);
}

function sendAll(socket: LinkSocket, packets: readonly Uint8Array[]): string | null {
  try {
    return packets.reduce<string | null>((fault, one) => socket.send(one) ?? fault, null);
  } finally {
    socket.close();
  }
}
