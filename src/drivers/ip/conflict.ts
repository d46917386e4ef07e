/**
 * Does another node have this address? Asked by ARP, which a firewall does not stop, and by ping,
 * which also reaches an address behind a router; both at once. In the network of the interface the
 * silence of ARP settles it: whoever can not be found by ARP can not be pinged there either.
 */

import {setTimeout as sleep} from 'node:timers/promises';
import type {IpAddress} from '../../kernel/ip-address.ts';
import {openArp, type LinkSocket} from '../host/link-socket.ts';
import {run} from '../host/run.ts';
import {pingCommand} from './commands.ts';
import type {Interface} from './interfaces.ts';
import {arpProbe, claimant, hardwareBytes} from './neighbour-packets.ts';

export interface ConflictQuestion {
  readonly address: IpAddress;
  readonly on: Interface;
  /** The interface has an address of the same network: neighbours are reached without a router. */
  readonly isNear: boolean;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** Who has it, as part of a sentence; null: nobody answered. */
export type Conflict = string | null;

/** Probes, the pause after each, and how often answers are looked for meanwhile, ms. */
export const probeCount = 3;
const probeGapMs = 200;
const lookMs = 20;
const pingSeconds = 1;
/** Packets looked at in one turn: a flood of others' ARP must not hold up the loop. */
const packetsMax = 256;

export async function findConflict(question: ConflictQuestion): Promise<Conflict> {
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, question.signal]);
  const asked = {...question, signal};
  try {
    return await settle(askByArp(asked), askByPing(asked), question.isNear);
  } finally {
    stop.abort();
  }
}

/** At once where somebody is found; null when both have found nobody, or the near one has. */
async function settle(
  byArp: Promise<Conflict | undefined>,
  byPing: Promise<Conflict>,
  isNear: boolean,
): Promise<Conflict> {
  const arpSettles = byArp.then((found) => {
    if (found === undefined || (found === null && !isNear)) return byPing;
    return found;
  });
  const pingFinds = byPing.then((found) => found ?? arpSettles);
  return Promise.race([arpSettles, pingFinds]);
}

/** undefined: it could not be asked. */
async function askByArp(question: ConflictQuestion): Promise<Conflict | undefined> {
  const {address, on, signal, log} = question;
  const own = on.hardware === null ? null : hardwareBytes(on.hardware);
  if (address.family !== 4 || !on.hasNeighbours || own === null || on.index === null)
    return undefined;
  const socket = await openArp(on.index);
  if (socket === null || typeof socket === 'string') {
    log(`arp probe skipped: ${socket ?? 'koffi is not installed'}`);
    return undefined;
  }
  try {
    let sent = 0;
    for (let count = 0; count < probeCount; count += 1) {
      const fault = socket.send(arpProbe(own, address.bytes));
      if (fault === null) sent += 1;
      else log(`arp probe not sent on ${on.name}: ${fault}`);
      const claimed = await listen(socket, {own, address, signal});
      if (claimed !== null) return `${claimed} answered on ${on.name}`;
    }
    // A question that was never asked has no silence for an answer.
    return sent > 0 ? null : undefined;
  } finally {
    socket.close();
  }
}

interface Wanted {
  readonly own: readonly number[];
  readonly address: IpAddress;
  readonly signal: AbortSignal;
}

/** Until the next probe is due, or somebody claims the address. */
async function listen(socket: LinkSocket, wanted: Wanted): Promise<string | null> {
  const endMs = performance.now() + probeGapMs;
  while (performance.now() < endMs && !wanted.signal.aborted) {
    await sleep(lookMs);
    const claimed = claimIn(socket, wanted);
    if (claimed !== null) return claimed;
  }
  return null;
}

function claimIn(socket: LinkSocket, {own, address}: Wanted): string | null {
  for (let count = 0; count < packetsMax; count += 1) {
    const packet = socket.receive();
    if (packet === null) return null;
    const claimed = claimant(packet, own, address.bytes);
    if (claimed !== null) return claimed;
  }
  return null;
}

async function askByPing({address, signal}: ConflictQuestion): Promise<Conflict> {
  const argv = pingCommand(address, pingSeconds);
  const result = await run({argv, deadlineMs: (pingSeconds + 1) * 1_000, signal});
  return result.kind === 'exited' && result.code === 0 ? 'it answers ping' : null;
}
