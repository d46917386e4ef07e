/**
 * The steps on one disk that change it. Each is followed by a look, and only what was seen counts;
 * the number of rounds is limited, because two nodes that preempt each other would go on for ever.
 */

import type {StepOutcome} from '../failover/types.ts';
import {keyOf, ownerOf} from '../kernel/reservation-key.ts';
import {nextStep, type LunSeen, type LunStep, type Self} from './scsi-reservation-rule.ts';
import {give, readLun, type Answer, type Budget, type Lun} from './scsi-reservation-tool.ts';

/** Ends an action from any depth, with what it came to. */
export class Broken extends Error {
  readonly outcome: Omit<StepOutcome, 'durationMs'>;

  constructor(outcome: Omit<StepOutcome, 'durationMs'>) {
    super(outcome.detail);
    this.outcome = outcome;
  }
}

/** More keys than paths of a few nodes make: then something else is wrong. */
const roundsMax = 64;
/** Answers "conflict" in a row: what was read is old by then, and more of them are a quarrel. */
const conflictsMax = 5;

export function brokenBy(answer: Answer, what: string): Broken {
  const lingering = answer.lingering ? {lingering: true} : {};
  const kind = answer.kind === 'unknown' ? 'unknown' : 'failed';
  return new Broken({kind, detail: `${what}: ${answer.says}`, ...lingering});
}

async function look(lun: Lun, budget: Budget): Promise<LunSeen> {
  const read = await readLun(lun, budget);
  if (read.ok) return read.seen;
  throw new Broken({kind: 'unknown', detail: `${lun.device}: not read back: ${read.says}`});
}

/** All keys of this node on the disk, whatever epoch they carry. */
export async function keysOfUs(lun: Lun, self: Self, budget: Budget): Promise<readonly string[]> {
  const {keys} = await look(lun, budget);
  return [...new Set(keys.filter((key) => ownerOf(self.scheme, key)?.node === self.node))];
}

/**
 * Registers over every path; one that does not take it is told of, and its writes are refused by
 * the disk. Where the disk can, the registrations outlive a loss of its power.
 */
export async function registerLun(
  lun: Lun,
  self: Self,
  budget: Budget,
): Promise<readonly string[]> {
  const key = keyOf(self.scheme, self.node, self.epoch);
  const missed: Answer[] = [];
  let fleeting = false;
  for (const target of lun.targets) {
    let gave = await give(lun, {verb: 'register', key, lasting: true}, {...budget, target});
    if (gave.kind === 'unsupported') {
      fleeting = true;
      gave = await give(lun, {verb: 'register', key, lasting: false}, {...budget, target});
    }
    if (gave.kind !== 'ok') missed.push(gave);
    if (gave.lingering) throw brokenBy(gave, `${target}: not registered`);
  }
  if (missed.length === lun.targets.length) {
    throw brokenBy(missed[0]!, `${lun.device}: not registered on any path`);
  }
  const notes: string[] = [];
  if (missed.length > 0) {
    const some = `${lun.targets.length - missed.length} of ${lun.targets.length}`;
    notes.push(`${lun.device}: registered on ${some} paths only: ${missed[0]!.says}`);
  }
  if (fleeting) notes.push(`${lun.device}: forgets reservations when it loses its power`);
  return notes;
}

export interface Acquisition {
  readonly lun: Lun;
  readonly self: Self;
  readonly budget: Budget;
  /** Commands of the preempted node that are under way are aborted too. */
  readonly abort: boolean;
}

/** Until this node is the holder and nobody else is registered, or a reason against it is seen. */
export async function acquireLun(what: Acquisition): Promise<readonly string[]> {
  const {lun, self, budget} = what;
  const notes = new Set<string>();
  let conflicts = 0;
  for (let round = 0; round < roundsMax && conflicts < conflictsMax; round += 1) {
    const step = nextStep(await look(lun, budget), self);
    if (step.kind === 'held') return [...notes];
    if (step.kind === 'refuse') {
      throw new Broken({kind: 'failed', detail: `${lun.device}: ${step.why}`});
    }
    const taken = await take(what, step);
    conflicts = taken.conflict ? conflicts + 1 : 0;
    if (taken.note !== '') notes.add(taken.note);
  }
  const detail = `${lun.device}: another node preempts and reserves at the same time`;
  throw new Broken({kind: 'failed', detail});
}

interface Taken {
  /** Refused by the disk: what was read before is no longer so. */
  readonly conflict: boolean;
  readonly note: string;
}

/** One step, over the first path that takes it. */
async function take(what: Acquisition, step: Wanted): Promise<Taken> {
  const {lun, budget} = what;
  const refusals: Answer[] = [];
  for (const target of lun.targets) {
    const {gave, note} = await giveStep(what, step, {...budget, target});
    if (gave.kind === 'ok') return {conflict: false, note};
    if (gave.lingering) throw brokenBy(gave, `${target}: ${step.kind}`);
    refusals.push(gave);
  }
  if (refusals.some(({kind}) => kind === 'conflict')) return {conflict: true, note: ''};
  throw brokenBy(refusals[0]!, `${lun.device}: ${step.kind}`);
}

type Wanted = Exclude<LunStep, {readonly kind: 'held' | 'refuse'}>;

async function giveStep(
  {lun, self, abort}: Acquisition,
  step: Wanted,
  path: Budget & {readonly target: string},
): Promise<{readonly gave: Answer; readonly note: string}> {
  const key = keyOf(self.scheme, self.node, self.epoch);
  if (step.kind === 'reserve')
    return {gave: await give(lun, {verb: 'reserve', key}, path), note: ''};
  const order = {verb: 'preempt', key, victim: step.victim} as const;
  const note = `${lun.device}: ${unaborted}`;
  if (!abort) return {gave: await give(lun, {...order, abort}, path), note};
  const gave = await give(lun, {...order, abort}, path);
  if (gave.kind !== 'unsupported') return {gave, note: ''};
  path.log(`${path.target}: no preempt and abort, a plain preempt is tried: ${gave.says}`);
  return {gave: await give(lun, {...order, abort: false}, path), note};
}

/** What a plain preempt leaves open. */
const unaborted = 'preempted without abort: what the other node had under way may still land';
