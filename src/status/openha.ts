/**
 * What OpenHA's `service` and `hb` print, byte for byte, so that scripts that read them go on
 * working. Where OpenHA could not say a thing, docs/openha-commands.md says what is printed here.
 */

import type {MediumView, ServiceView} from '../engine/view.ts';
import {padTo, printable} from './text.ts';
import type {StatusView} from './model.ts';

/** One line of OpenHA's `monitor` file as `hb -s` shows it: a sender or a receiver. */
export interface OpenhaLine {
  /** Node of the line: this one sends on it, every other listens to it. */
  readonly node: string;
  /** Id of the link or disk that it became. */
  readonly medium: string;
  /** `eth0:239.131.50.10:1234` or `/dev/sdb:0`. */
  readonly label: string;
}

/** `service -s`. */
export function openhaServices(view: StatusView): string {
  const lines = view.services.map((service) => {
    const instances = namedInstances(service).map(
      ({role, node, state}) => `\t${role}: ${node}, ${state}\n`,
    );
    return `Service: ${printable(service.name)}\n${instances.join('')}`;
  });
  return `${view.services.length} service(s) defined:\n${lines.join('')}`;
}

/** `service -s -c`: columns of 16, 16, 14, 16 and 14. */
export function openhaColumns(view: StatusView): string {
  const rows = view.services.map((service) => {
    const [primary, secondary] = namedInstances(service);
    return [
      service.name,
      primary?.node ?? '',
      primary?.state ?? '',
      secondary?.node ?? '',
      secondary?.state ?? '',
    ];
  });
  const widths = [16, 16, 14, 16, 14];
  return [['service', 'prinode', 'pristate', 'secnode', 'secstate'], ...rows]
    .map((row) => `${row.map((cell, column) => padTo(cell, widths[column]!)).join(' ')}\n`)
    .join('');
}

/** `service -i NAME`. */
export function openhaInfo(view: StatusView, service: ServiceView): string {
  const [primary, secondary] = namedInstances(service);
  const roles = [
    primary?.node === view.node ? `we are Primary for service ${service.name}\n` : '',
    secondary?.node === view.node ? `we are Secondary for service ${service.name}\n` : '',
  ];
  const states = `${primary?.state ?? 'UNKNOWN'} , ${secondary?.state ?? 'UNKNOWN'}`;
  return `${roles.join('')}Service: ${service.name}\t state: ${states}\n`;
}

interface NamedInstance {
  readonly role: string;
  readonly node: string;
  readonly state: string;
}

/** The first node is OpenHA's primary, each further one a secondary. */
function namedInstances(service: ServiceView): readonly NamedInstance[] {
  return service.nodes.map((node, index) => ({
    role: index === 0 ? 'Primary  ' : 'Secondary',
    node,
    state: service.instances.find((instance) => instance.node === node)?.state ?? 'UNKNOWN',
  }));
}

/**
 * `hb -s`: a line for each sender and receiver, in the order of the `monitor` file.
 * `view`: null where the daemon does not answer, and then every line is DOWN.
 */
export function openhaLinks(
  view: StatusView | null,
  lines: readonly OpenhaLine[],
  localDate: (instantMs: number) => string,
): string {
  return lines.map((line) => `interface ${linkState(view, line, localDate)}\n`).join('');
}

function linkState(
  view: StatusView | null,
  line: OpenhaLine,
  localDate: (instantMs: number) => string,
): string {
  const label = printable(line.label);
  const medium = view?.media.find((candidate) => candidate.id === line.medium);
  const ageMs = view === null || medium === undefined ? null : upAge(view, medium, line.node);
  if (view === null || ageMs === null) return `${label} status DOWN`;
  const pid = view.mediaPids[line.medium] ?? view.pid;
  const updated = localDate(Date.parse(view.at) - ageMs);
  return `${label} pid ${pid} status UP, updated at ${updated}`;
}

/** Age of the last beat in this direction; null: down. */
function upAge(view: StatusView, medium: MediumView, node: string): number | null {
  if (node === view.node) return medium.fault === null ? medium.sentAgeMs : null;
  const peer = medium.peers.find((candidate) => candidate.node === node);
  return peer?.rx === 'up' ? peer.ageMs : null;
}
