/**
 * From the name of an address to the address: /etc/hosts first, then the name servers. Never
 * through getaddrinfo(3), which holds one of the few threads of the process for as long as a name
 * server does not answer. What was found last counts while the name servers are away.
 */

import {Resolver} from 'node:dns/promises';
import {readFile} from 'node:fs/promises';
import {parseAddress, type IpAddress} from '../../kernel/ip-address.ts';

/** Names remembered: one per address of all services, with room. */
const namesMax = 4_096;
/** How long an answer of a name server is not asked for again. */
const freshMs = 60_000;
const askMs = 2_000;

interface Known {
  readonly address: IpAddress;
  readonly atMs: number;
}

export class Names {
  readonly #known = new Map<string, Known>();

  /** The address, or a sentence why there is none. */
  async resolve(name: string): Promise<IpAddress | string> {
    const hosts = await hostsFile();
    const written = addressInHosts(hosts, name);
    if (written !== null) return written;
    const known = this.#known.get(name);
    if (known !== undefined && performance.now() - known.atMs < freshMs) return known.address;
    const asked = await ask(name);
    if (asked !== null) this.#remember(name, asked);
    return asked ?? known?.address ?? `could not resolve ${name} to an ip address`;
  }

  #remember(name: string, address: IpAddress): void {
    if (this.#known.size >= namesMax) this.#known.clear();
    this.#known.set(name, {address, atMs: performance.now()});
  }
}

/** The first address of the first line that has the name (hosts(5)). */
export function addressInHosts(text: string, name: string): IpAddress | null {
  const wanted = name.toLowerCase();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (!names.some((one) => one.toLowerCase() === wanted)) continue;
    const parsed = parseAddress(address);
    if (parsed !== null) return parsed;
  }
  return null;
}

async function hostsFile(): Promise<string> {
  try {
    return await readFile('/etc/hosts', 'utf8');
  } catch {
    return ''; // None: then the name servers alone know.
  }
}

async function ask(name: string): Promise<IpAddress | null> {
  const resolver = new Resolver({timeout: askMs, tries: 1});
  for (const question of [resolver.resolve4(name), resolver.resolve6(name)]) {
    const [first] = await question.catch(() => [] as string[]);
    const address = first === undefined ? null : parseAddress(first);
    if (address !== null) return address;
  }
  return null;
}
