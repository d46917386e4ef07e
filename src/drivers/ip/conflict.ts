/**
 * Does another node have this address? Asked by ARP, which a firewall does not stop, and by ping,
 * which also reaches an address behind a router; both at once, so that the slower one decides how
 * long it takes and not their sum.
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
    return await firstClaim([askByArp(asked), askByPing(asked)]);
  } finally {
    stop.abort();
  }
}

/** At once where one is found; null when all have found none. */
async function firstClaim(answers: readonly Promise<Conflict>[]): Promise<Conflict> {
  return new Promise((resolve, reject) => {
    for (const answer of answers) {
      answer.then((claim) => (claim === null ? undefined : resolve(claim)), reject);
    }
    void Promise.all(answers).then(() => resolve(null), reject);
  });
}

async function askByArp(question: ConflictQuestion): Promise<Conflict> {
  const {address, on, signal, log} = question;
  const own = on.hardware === null ? null : hardwareBytes(on.hardware);
  if (address.family !== 4 || !on.hasNeighbours || own === null || on.index === null) return null;
  const socket = await openArp(on.index);
  if (socket === null || typeof socket === 'string') {
    log(`arp probe skipped: ${socket ?? 'koffi is not installed'}`);
    return null;
  }
  try {
    for (let count = 0; count < probeCount; count += 1) {
      const fault = socket.send(arpProbe(own, address.bytes));
      if (fault !== null) log(`arp probe not sent on ${on.name}: ${fault}`);
      const claimed = await listen(socket, {own, address, signal});
      if (claimed !== null) return `${claimed} answered on ${on.name}`;
    }
    return null;
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
