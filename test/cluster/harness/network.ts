/**
 * The network of a cluster: one switch namespace with a bridge per link. Both ends of every cable
 * are made inside namespaces, so that nothing ever appears in the network of the host.
 *
 * A station is a node or a client; its port on the switch is `<station>.<link>`, its address on
 * link L is 10.50.L.<number>.
 */

import {must} from './command.ts';

/** What happens to packets between two ports, each way on its own. */
export interface Impairment {
  /** Sender and receiver; null: any. */
  readonly from: string | null;
  readonly to: string | null;
  /** null: all links. */
  readonly link: number | null;
  /** Share of packets that are dropped, 0 to 100. 100: all. */
  readonly lossPercent: number;
  /** TCP and ARP still pass. */
  readonly udpOnly: boolean;
}

const table = 'impairments';
const duplicates = 'table netdev duplicates';

const quoted = (ports: readonly string[]): string =>
  `{ ${ports.map((port) => `"${port}"`).join(', ')} }`;

export class Network {
  /** Links are numbered from 0. */
  readonly links: readonly number[];
  readonly #tag: string;
  readonly #stations: string[] = [];
  #impairments: Impairment[] = [];

  private constructor(tag: string, linkCount: number) {
    this.#tag = tag;
    this.links = Array.from({length: linkCount}, (_, index) => index);
  }

  /** Makes the switch with its bridges. It is removed by the sweep of the run. */
  static async create(tag: string, linkCount: number): Promise<Network> {
    const network = new Network(tag, linkCount);
    await must(['ip', 'netns', 'add', network.namespaceOf('sw')]);
    await network.#batch([
      'link set lo up',
      ...network.links.flatMap((link) => [
        `link add br${link} type bridge mcast_snooping 0 forward_delay 0 stp_state 0`,
        `link set br${link} up`,
      ]),
    ]);
    await network.#apply();
    return network;
  }

  /** Namespace of the station, as `ip netns` knows it. */
  namespaceOf(station: string): string {
    return `${this.#tag}-${station}`;
  }

  /** Makes the station's namespace and its cables. */
  async plug(station: string, number: number): Promise<void> {
    const namespace = this.namespaceOf(station);
    await must(['ip', 'netns', 'add', namespace]);
    this.#stations.push(station);
    await this.#batch(
      this.links.flatMap((link) => [
        `link add ${station}.${link} type veth peer name eth${link} netns ${namespace}`,
        `link set ${station}.${link} master br${link} up`,
      ]),
    );
    await configureStation(namespace, number, this.links);
  }

  /** The cable is pulled, on one link or on all: the station sees no carrier. */
  async cut(station: string, link?: number): Promise<void> {
    await this.#setPorts(station, link, 'down');
  }

  async plugIn(station: string, link?: number): Promise<void> {
    await this.#setPorts(station, link, 'up');
  }

  /** Adds to what is impaired already. Carrier stays: nobody notices it but by silence. */
  async impair(impairment: Partial<Impairment>): Promise<void> {
    const all: Impairment = {from: null, to: null, link: null, lossPercent: 100, udpOnly: false};
    this.#impairments.push({...all, ...impairment});
    await this.#apply();
  }

  /** No packet passes between these and any other station, in neither direction; carrier stays. */
  async isolate(station: string, link: number | null = null): Promise<void> {
    await this.impair({from: station, link});
    await this.impair({to: station, link});
  }

  /** UDP packets of the first reach the second twice. */
  async duplicate(from: string, to: string, link: number): Promise<void> {
    const hook = `type filter hook ingress device "${from}.${link}" priority 0;`;
    const rule = `ip protocol udp dup to "${to}.${link}"`;
    await this.#nft(`${duplicates} { chain c { ${hook} ${rule}; }; }`);
  }

  /** Every packet passes again and every cable is plugged in. */
  async heal(): Promise<void> {
    this.#impairments = [];
    await this.#apply();
    await this.#nft(`${duplicates}\ndelete ${duplicates}`);
    for (const station of this.#stations) await this.plugIn(station);
  }

  #rule({from, to, link, lossPercent, udpOnly}: Impairment): string {
    const ports = (station: string | null): string => {
      const stations = station === null ? this.#stations : [station];
      const links = link === null ? this.links : [link];
      return quoted(stations.flatMap((one) => links.map((number) => `${one}.${number}`)));
    };
    const share = lossPercent >= 100 ? '' : `numgen random mod 100 < ${lossPercent} `;
    const kind = udpOnly ? 'ip protocol udp ' : '';
    return `iifname ${ports(from)} oifname ${ports(to)} ${kind}${share}drop`;
  }

  async #apply(): Promise<void> {
    const rules = this.#impairments.map((one) => this.#rule(one));
    const hook = 'type filter hook forward priority 0; policy accept;';
    const chain = `chain forward {\n${[hook, ...rules].join('\n')}\n}`;
    const name = `table bridge ${table}`;
    await this.#nft(`${name}\ndelete ${name}\n${name} {\n${chain}\n}`);
  }

  async #setPorts(station: string, link: number | undefined, state: string): Promise<void> {
    const links = link === undefined ? this.links : [link];
    await this.#batch(links.map((one) => `link set ${station}.${one} ${state}`));
  }

  /** One transaction: all rules change at once. */
  async #nft(text: string): Promise<void> {
    const argv = ['ip', 'netns', 'exec', this.namespaceOf('sw'), 'nft', '-f', '-'];
    await must(argv, {input: `${text}\n`});
  }

  async #batch(lines: readonly string[]): Promise<void> {
    await must(['ip', '-n', this.namespaceOf('sw'), '-batch', '-'], {
      input: `${lines.join('\n')}\n`,
    });
  }
}

/** As a machine that was just switched on: its own addresses and nothing else. */
export async function configureStation(
  namespace: string,
  number: number,
  links: readonly number[],
): Promise<void> {
  const lines = [
    'link set lo up',
    ...links.flatMap((link) => [
      `addr flush dev eth${link}`,
      `addr add 10.50.${link}.${number}/24 dev eth${link}`,
      `link set eth${link} up`,
    ]),
    'neigh flush all',
  ];
  await must(['ip', '-n', namespace, '-batch', '-'], {input: `${lines.join('\n')}\n`});
}
