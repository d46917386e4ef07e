/**
 * Looks after one network interface: is it there, has it our address, has it carrier? A cut cable
 * gives no send error, and an address that was taken away leaves a socket that hears nothing, so
 * both must be looked for. Linux tells carrier in /sys; elsewhere it stays unknown.
 */

import {open} from 'node:fs/promises';
import {isIPv6} from 'node:net';
import {networkInterfaces} from 'node:os';
import type {NetworkInterfaceInfo} from 'node:os';

/** What is known of the interface. `address` null: none of the wanted family. */
export interface InterfaceState {
  readonly iface: string | null;
  readonly address: string | null;
  /** For a person; null: nothing is wrong. */
  readonly fault: string | null;
}

export interface InterfaceWatchOptions {
  /** Interface name, or null: found by the address. */
  readonly iface: string | null;
  /** The address it must have, or null: its first one. */
  readonly address: string | null;
  readonly family: 4 | 6;
  /** Time between two looks, ms. */
  readonly watchMs: number;
  /** Called when anything changed. */
  readonly onChange: (now: InterfaceState, before: InterfaceState) => void;
}

export class InterfaceWatch {
  readonly #options: InterfaceWatchOptions;
  #state: InterfaceState;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  /** Looks at addresses at once, at carrier with the first tick. */
  constructor(options: InterfaceWatchOptions) {
    this.#options = options;
    this.#state = findAddress(options);
    void this.#look();
  }

  get state(): InterfaceState {
    return this.#state;
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** One look at a time; the next one is due `watchMs` after this one has ended. Never rejects. */
  async #look(): Promise<void> {
    const found = findAddress(this.#options);
    // Without carrier the system hides the addresses too: ask where ours was seen last.
    const iface = found.iface ?? this.#state.iface;
    const carrierFault = await readCarrier(iface);
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#look(), this.#options.watchMs);
    const fault = carrierFault ?? found.fault;
    const before = this.#state;
    this.#state = {iface, address: found.address, fault};
    const same =
      before.iface === iface && before.address === found.address && before.fault === fault;
    if (!same) this.#options.onChange(this.#state, before);
  }
}

function findAddress(wanted: InterfaceWatchOptions): InterfaceState {
  const family = wanted.family === 4 ? 'IPv4' : 'IPv6';
  for (const [name, addresses] of Object.entries(interfaces())) {
    if (wanted.iface !== null && wanted.iface !== name) continue;
    for (const {address, family: ofAddress} of addresses ?? []) {
      const fits = wanted.address === null ? wanted.iface !== null : wanted.address === address;
      if (fits && ofAddress === family) return {iface: name, address, fault: null};
    }
  }
  return {iface: wanted.iface, address: null, fault: addressFault(wanted)};
}

function interfaces(): NodeJS.Dict<NetworkInterfaceInfo[]> {
  try {
    return networkInterfaces();
  } catch {
    // Out of descriptors, say: what cannot be listed counts as absent, and the next look tells.
    return {};
  }
}

function addressFault(wanted: InterfaceWatchOptions): string | null {
  const {iface, address} = wanted;
  if (address !== null) {
    const where = iface === null ? 'this host' : iface;
    return isAny(address) ? null : `${where} has no address ${address}`;
  }
  return iface === null ? null : `${iface} has no address`;
}

/** 0.0.0.0 and :: are no addresses that an interface could lose. */
function isAny(address: string): boolean {
  return address === '0.0.0.0' || (isIPv6(address) && /^[0:]+$/.test(address));
}

/** What the carrier file says; null: carrier is there, or nobody can tell. */
async function readCarrier(iface: string | null): Promise<string | null> {
  if (iface === null || process.platform !== 'linux') return null;
  try {
    const first = await readFirst(`/sys/class/net/${iface}/carrier`);
    return first === '0' ? `no carrier on ${iface}` : null;
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    // The file of an interface that is down exists and cannot be read.
    if (code === 'EINVAL') return `${iface} is down`;
    return code === 'ENOENT' ? `no interface ${iface}` : null;
  }
}

/**
 * The first character. `readFile` also asks for the size and reads on to the end: each of that is a
 * way to a helper thread and back, and this is most of what wakes an idle daemon.
 */
async function readFirst(path: string): Promise<string> {
  const file = await open(path);
  try {
    const {buffer, bytesRead} = await file.read(Buffer.alloc(1), 0, 1, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}
