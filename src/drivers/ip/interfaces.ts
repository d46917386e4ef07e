/** Interfaces with their addresses, whichever program told of them. */

import {sameAddress, type IpAddress} from '../../kernel/ip-address.ts';

export interface InterfaceAddress {
  readonly address: IpAddress;
  readonly prefix: number;
  /** `ok`; `tentative`: not yet known to be alone; `duplicate`: another node has it too. */
  readonly state: 'ok' | 'tentative' | 'duplicate';
  /** Linux: removed together with the first address of its network. */
  readonly secondary: boolean;
}

export interface Interface {
  readonly name: string;
  /** Number of it in the kernel; null where the program does not tell. */
  readonly index: number | null;
  /** Hardware address as it was written, or null. */
  readonly hardware: string | null;
  readonly isUp: boolean;
  /** Null: not told. */
  readonly hasCarrier: boolean | null;
  /** Neighbours are found by ARP or neighbour discovery there. */
  readonly hasNeighbours: boolean;
  readonly addresses: readonly InterfaceAddress[];
}

export interface Held {
  readonly at: Interface;
  readonly held: InterfaceAddress;
}

/** Where an address is configured, or null. */
export function findAddress(interfaces: readonly Interface[], address: IpAddress): Held | null {
  for (const at of interfaces) {
    const held = at.addresses.find((one) => sameAddress(one.address, address));
    if (held !== undefined) return {at, held};
  }
  return null;
}
