/** An address of a service: nobody else may have it, then it is ours, then everybody is told. */

import {setTimeout as sleep} from 'node:timers/promises';
import type {IpResource} from '../../config/resources/ip.ts';
import type {Driver, DriverContext, ProbeOutcome, StepOutcome} from '../../failover/types.ts';
import {sameNetwork, type IpAddress} from '../../kernel/ip-address.ts';
import {call, withRest, type DriverHost} from '../call.ts';
import {outcomeOf, refused, timed, type Untimed} from '../outcome.ts';
import {answer} from '../verdict.ts';
import {Announcer} from './announce.ts';
import {addCommand, deleteCommand, pingCommand, platformHere} from './commands.ts';
import {findConflict, probeCount} from './conflict.ts';
import {findAddress, type Held, type Interface} from './interfaces.ts';
import {glimpse, ipv6State, listCommand, readInterfaces} from './read-interfaces.ts';
import {Names} from './resolve.ts';

/** Between two looks at an IPv6 address that is not yet known to be alone, ms. */
const tentativeLookMs = 50;
/** A check of all addresses of a service counts this long for those that start after the first. */
const checkedMs = 5_000;

export function createIpDriver(host: DriverHost): Driver<IpResource> {
  const driver = new IpDriver(host);
  return {
    type: 'ip',
    label: (resource) => `${resource.name}@${resource.label ?? resource.device}`,
    describe,
    probe: (resource) => driver.probe(resource),
    start: (resource, context) => timed(() => driver.start(resource, context)),
    stop: (resource, context) => timed(() => driver.stop(resource, context)),
  };
}

/** An address that stands as a name, or without its prefix, is shown so: it is not asked yet. */
function describe(resource: IpResource, action: 'start' | 'stop'): readonly string[] {
  const {name, device, label, prefix} = resource;
  const address = resource.address ?? {family: 4 as const, text: name, bytes: []};
  const place = {address, prefix: prefix ?? ('PREFIX' as const), device, label};
  const list = listCommand.join(' ');
  if (action === 'stop') return [list, deleteCommand(place, platformHere()).join(' ')];
  const isIpv4 = address.family === 4;
  const asks = isIpv4 ? [`# ARP on ${device}: who has ${name}? ${probeCount} times`] : [];
  const tells = isIpv4 ? 'gratuitous ARP' : 'unsolicited neighbour advertisements';
  return [
    list,
    pingCommand(address, 1).join(' '),
    ...asks,
    addCommand(place, platformHere()).join(' '),
    `# ${tells} on ${device}, 5 times`,
  ];
}

interface Checked {
  readonly epoch: number;
  readonly atMs: number;
  readonly fault: Promise<string | null>;
}

class IpDriver {
  readonly #host: DriverHost;
  readonly #names = new Names();
  readonly #announcer = new Announcer();
  /** The last check of the addresses of each service. */
  readonly #checked = new Map<string, Checked>();

  constructor(host: DriverHost) {
    this.#host = host;
  }

  async probe(resource: IpResource): Promise<ProbeOutcome> {
    const address = await this.#addressOf(resource);
    if (typeof address === 'string') return answer('unknown', address);
    const ipv6 = address.family === 6 ? await ipv6State(address) : undefined;
    if (ipv6 === null) return answer('down', `${address.text} is on no interface`);
    if (ipv6 !== undefined) return ipv6Answer(address, ipv6, resource);
    const seen = glimpse(address);
    if (seen !== null) return answer('up', remarks(resource, address, seen));
    const interfaces = await readInterfaces();
    if (typeof interfaces === 'string') return answer('unknown', interfaces);
    const found = findAddress(interfaces, address);
    if (found === null) return answer('down', `${address.text} is on no interface`);
    const {at, held} = found;
    const text = remarks(resource, address, {device: at.name, prefix: held.prefix});
    return answer('up', at.hasCarrier === false ? `${text}, which has no carrier` : text);
  }

  async start(resource: IpResource, context: DriverContext): Promise<Untimed> {
    const sinceMs = performance.now();
    const address = await this.#addressOf(resource);
    if (typeof address === 'string') return refused(address);
    const interfaces = await readInterfaces();
    if (typeof interfaces === 'string') return refused(interfaces);
    const held = findAddress(interfaces, address);
    if (held !== null && held.held.state === 'ok') {
      return {kind: 'done', detail: `${address.text} is already up on ${held.at.name}`};
    }
    const on = interfaces.find((one) => one.name === resource.device);
    const fault = interfaceFault(resource, on);
    if (on === undefined || fault !== null) return refused(fault ?? '');
    const prefix = resource.prefix ?? guessPrefix(on, address);
    if (prefix === null) return refused('netmask is not set nor guessable');
    const conflict = await this.#conflictIn(resource, context);
    if (conflict !== null) return refused(conflict);
    if (held !== null) await this.#remove(resource, withRest(context, sinceMs), held);
    const {device, label} = resource;
    const argv = addCommand({address, prefix, device, label}, platformHere());
    const rest = withRest(context, sinceMs);
    const result = await call({host: this.#host, resource, context: rest, action: 'start', argv});
    const added = outcomeOf({program: argv.join(' '), result, deadlineMs: context.deadlineMs});
    if (added.kind !== 'done') return added;
    return this.#settle(resource, {address, on, prefix}, withRest(context, sinceMs));
  }

  async stop(resource: IpResource, context: DriverContext): Promise<Untimed> {
    const sinceMs = performance.now();
    const address = await this.#addressOf(resource);
    if (typeof address === 'string') return {kind: 'failed', detail: address};
    this.#announcer.cancel(address);
    const interfaces = await readInterfaces();
    if (typeof interfaces === 'string') return {kind: 'failed', detail: interfaces};
    const found = findAddress(interfaces, address);
    if (found === null) {
      return {kind: 'done', detail: `${address.text} is already down on ${resource.device}`};
    }
    const others = dependents(found);
    if (others.length > 0) {
      const names = others.join(', ');
      context.log(`unless promote_secondaries is set, ${names} may go with ${address.text}`);
    }
    return this.#remove(resource, withRest(context, sinceMs), found);
  }

  async #addressOf(resource: IpResource): Promise<IpAddress | string> {
    return resource.address ?? this.#names.resolve(resource.name);
  }

  async #remove(resource: IpResource, context: DriverContext, found: Held): Promise<StepOutcome> {
    const {at, held} = found;
    const place = {address: held.address, prefix: held.prefix, device: at.name};
    const argv = deleteCommand(place, platformHere());
    const result = await call({host: this.#host, resource, context, action: 'stop', argv});
    return outcomeOf({program: argv.join(' '), result, deadlineMs: context.deadlineMs});
  }

  /** All addresses of the service are asked for when the first of them starts: none is half up. */
  async #conflictIn(resource: IpResource, context: DriverContext): Promise<string | null> {
    const {service, epoch} = context;
    const known = this.#checked.get(service.name);
    const isFresh =
      known !== undefined &&
      known.epoch === epoch &&
      performance.now() - known.atMs < checkedMs &&
      resource.rid !== firstIp(context)?.rid;
    if (isFresh) return known.fault;
    const fault = this.#conflictOfAll(context);
    this.#checked.set(service.name, {epoch, atMs: performance.now(), fault});
    return fault;
  }

  async #conflictOfAll(context: DriverContext): Promise<string | null> {
    const interfaces = await readInterfaces();
    if (typeof interfaces === 'string') return interfaces;
    const faults = await Promise.all(
      ipsOf(context).map((one) => this.#conflictOf(one, interfaces, context)),
    );
    return faults.find((fault) => fault !== null) ?? null;
  }

  async #conflictOf(
    resource: IpResource,
    interfaces: readonly Interface[],
    context: DriverContext,
  ): Promise<string | null> {
    const address = await this.#addressOf(resource);
    if (typeof address === 'string') return resource.optional ? null : address;
    const on = interfaces.find((one) => one.name === resource.device);
    if (on === undefined || findAddress(interfaces, address) !== null) return null;
    context.log(`checking ${address.text} availability`);
    const {signal, log} = context;
    const isNear = guessPrefix(on, address) !== null;
    const conflict = await findConflict({address, on, isNear, signal, log});
    if (signal.aborted) return 'cancelled while the address was checked';
    if (conflict === null || resource.optional) return null;
    const where = `${address.text} is already up on another host`;
    return `start aborted due to resource ${resource.rid} conflict: ${where}: ${conflict}`;
  }

  /** It is on the interface: wait until it is known to be alone, then tell everybody. */
  async #settle(
    resource: IpResource,
    added: {readonly address: IpAddress; readonly on: Interface; readonly prefix: number},
    context: DriverContext,
  ): Promise<Untimed> {
    const {address, on, prefix} = added;
    const state = address.family === 6 ? await untilSettled(address, context) : 'ok';
    if (state === 'tentative') {
      return {kind: 'failed', detail: `${address.text} stays tentative: nobody may use it yet`};
    }
    if (state === 'duplicate') {
      const held = {address, prefix, state, secondary: false} as const;
      const removed = await this.#remove(resource, context, {at: on, held});
      const taken = `${address.text} is already up on another host: duplicate address detection`;
      const detail = `start aborted due to resource ${resource.rid} conflict: ${taken}`;
      return removed.kind === 'done' ? {kind: 'failed', detail} : {...removed, detail};
    }
    const unsaid = await this.#announcer.announce(address, on);
    if (unsaid !== null) context.log(`announcement of ${address.text} skipped: ${unsaid}`);
    return {kind: 'done', detail: `${address.text}/${prefix} is up on ${on.name}`};
  }
}

function ipsOf({service}: DriverContext): readonly IpResource[] {
  return service.resources.filter((one): one is IpResource => one.type === 'ip' && !one.disabled);
}

function firstIp(context: DriverContext): IpResource | undefined {
  return ipsOf(context)[0];
}

function interfaceFault(resource: IpResource, on: Interface | undefined): string | null {
  const {device, checkCarrier} = resource;
  if (on === undefined) return `interface ${device} not found. Cannot stack over it.`;
  if (!on.isUp) return `interface ${device} is not up. Cannot stack over it.`;
  return checkCarrier && on.hasCarrier === false ? `interface ${device} no-carrier.` : null;
}

/** That of the network of the interface that the address falls into. */
function guessPrefix(on: Interface, address: IpAddress): number | null {
  const around = on.addresses.find(
    (one) => one.prefix < address.bytes.length * 8 && sameNetwork(one.address, address, one.prefix),
  );
  return around?.prefix ?? null;
}

/** Linux removes the others of a network with its first address, unless told otherwise. */
function dependents({at, held}: Held): readonly string[] {
  if (held.secondary) return [];
  return at.addresses
    .filter((one) => one.secondary && sameNetwork(one.address, held.address, held.prefix))
    .map((one) => one.address.text);
}

function ipv6Answer(
  address: IpAddress,
  line: {readonly device: string; readonly state: 'ok' | 'tentative' | 'duplicate'},
  resource: IpResource,
): ProbeOutcome {
  if (line.state === 'ok') {
    return answer('up', remarks(resource, address, {device: line.device, prefix: null}));
  }
  const why = line.state === 'duplicate' ? 'another node has it too' : 'not yet known to be alone';
  return answer('unknown', `${address.text} on ${line.device} is ${line.state}: ${why}`);
}

/** Where it is, and what of that is not as it was written. */
function remarks(
  resource: IpResource,
  address: IpAddress,
  seen: {readonly device: string; readonly prefix: number | null},
): string {
  const parts = [`${address.text} on ${seen.device}`];
  if (seen.device !== resource.device) {
    parts.push(`current dev ${seen.device}, expected ${resource.device}`);
  }
  const isOther = seen.prefix !== null && resource.prefix !== null;
  if (isOther && seen.prefix !== resource.prefix) {
    parts.push(`current netmask ${seen.prefix}, expected ${resource.prefix}`);
  }
  return parts.join('; ');
}

async function untilSettled(
  address: IpAddress,
  context: DriverContext,
): Promise<'ok' | 'tentative' | 'duplicate'> {
  const dueMs = performance.now() + context.deadlineMs;
  for (;;) {
    // A system that does not tell settles it by itself: FreeBSD's probe afterwards says so.
    const state = (await ipv6State(address))?.state ?? 'ok';
    if (state !== 'tentative') return state;
    if (performance.now() >= dueMs || context.signal.aborted) return state;
    await sleep(tentativeLookMs);
  }
}
