/**
 * `disk.scsireserv`: SCSI-3 persistent reservations on the disks of a service. Registered over all
 * paths and reserved Write Exclusive, Registrants Only, each disk refuses what any other node
 * writes, from the moment its key is preempted. An exit code is not believed: keys and reservation
 * are read back. Other keys are removed only while this start has the latest epoch, and never
 * those of another cluster; `clear`, which takes everybody's, is never used.
 */

import type {ScsiReservation} from '../config/resources/scsi-reservation.ts';
import type {Driver, DriverContext, ProbeOutcome, StepOutcome} from '../failover/types.ts';
import {derivedKey, keyOf, sweepEpoch} from '../kernel/reservation-key.ts';
import type {DriverHost} from './call.ts';
import {timed, type Untimed} from './outcome.ts';
import {findLun, hostTree, type HostTree} from './scsi-paths.ts';
import {acquireLun, Broken, keysOfUs, registerLun} from './scsi-reservation-act.ts';
import {judgeLun, obstacle, type LunVerdict, type Self} from './scsi-reservation-rule.ts';
import {
  give,
  readLun,
  wordsOf,
  type Budget,
  type Lun,
  type Order,
} from './scsi-reservation-tool.ts';
import {answer} from './verdict.ts';

export function createScsiReservationDriver(
  host: DriverHost,
  tree: HostTree = hostTree,
): Driver<ScsiReservation> {
  const workOf = (resource: ScsiReservation, context: DriverContext): Work => ({
    resource,
    tree,
    self: selfOf(host, resource, context.epoch),
    budget: {
      untilMs: performance.now() + context.deadlineMs,
      signal: context.signal,
      log: context.log,
    },
  });
  return {
    type: 'disk.scsireserv',
    label,
    describe: (resource, action) => describe(host, resource, action),
    probe: (resource, context) => probe(workOf(resource, context)),
    start: (resource, context) => timed(() => unbroken(() => start(workOf(resource, context)))),
    stop: (resource, context) => timed(() => unbroken(() => stop(workOf(resource, context)))),
  };
}

interface Work {
  readonly resource: ScsiReservation;
  readonly tree: HostTree;
  readonly self: Self;
  readonly budget: Budget;
}

function selfOf(host: DriverHost, resource: ScsiReservation, epoch: number): Self {
  return {scheme: resource.scheme, node: host.node, epoch};
}

const labelCharsMax = 248;

function label({devices}: ScsiReservation): string {
  return devices.join(',').slice(0, labelCharsMax);
}

function describe(
  host: DriverHost,
  resource: ScsiReservation,
  action: 'start' | 'stop',
): readonly string[] {
  const key = resource.scheme.fixed.get(host.node) ?? 'KEY';
  const shown = (order: Order, device: string): string =>
    ['sg_persist', ...wordsOf('sg_persist', order, device)].join(' ');
  return resource.devices.flatMap((device) =>
    action === 'start'
      ? [
          shown({verb: 'register', key, lasting: true}, device),
          shown({verb: 'reserve', key}, device),
        ]
      : [shown({verb: 'unregister'}, device)],
  );
}

/** A step that can not go on ends with one of these, whatever depth it was met in. */
async function unbroken(work: () => Promise<Untimed>): Promise<Untimed> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return error.outcome;
  }
}

/** In one order on every node, that of the configuration: two nodes never hold half each. */
async function lunsOf({resource, tree}: Work): Promise<readonly Lun[]> {
  const luns: Lun[] = [];
  for (const device of resource.devices) {
    const found = await findLun(device, tree);
    if (!found.ok) throw new Broken({kind: 'failed', detail: found.fault, untouched: true});
    luns.push(found.lun);
  }
  return luns;
}

async function start(work: Work): Promise<Omit<StepOutcome, 'durationMs'>> {
  const {self, budget, resource} = work;
  const luns = await lunsOf(work);
  // All are looked at before the first is touched: half a set of disks is worth nothing.
  for (const lun of luns) {
    const read = await readLun(lun, budget);
    const why = read.ok ? obstacle(read.seen, self) : read.says;
    if (why === null) continue;
    const hint =
      !read.ok && read.unsupported ? ': it does not support persistent reservations' : '';
    const detail = `${lun.device}${hint}: ${why}`;
    throw new Broken({kind: 'failed', detail, untouched: true});
  }
  const notes: string[] = [];
  for (const lun of luns) notes.push(...(await registerLun(lun, self, budget)));
  for (const lun of luns) {
    notes.push(...(await acquireLun({lun, self, budget, abort: resource.preemptAbort})));
  }
  const key = keyOf(self.scheme, self.node, self.epoch);
  return {kind: 'done', detail: [`${luns.length} disks reserved with ${key}`, ...notes].join('; ')};
}

async function stop(work: Work): Promise<Omit<StepOutcome, 'durationMs'>> {
  const luns = await lunsOf(work);
  const said: string[] = [];
  const faults: string[] = [];
  let lingering = false;
  for (const lun of luns) {
    try {
      await leaveLun(lun, work);
      said.push(lun.device);
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      lingering ||= error.outcome.lingering === true;
      faults.push(error.outcome.detail);
    }
  }
  const fault = {detail: faults.join('; '), ...(lingering ? {lingering} : {})};
  if (faults.length > 0) return {kind: 'unknown', ...fault};
  return {kind: 'done', detail: `our keys are gone from ${said.join(', ')}`};
}

/** Takes our registrations back, path by path: with the last of the holder its reservation ends. */
async function leaveLun(lun: Lun, {self, budget}: Work): Promise<void> {
  const before = await keysOfUs(lun, self, budget);
  if (before.length === 0) return;
  for (const target of lun.targets) {
    const gave = await give(lun, {verb: 'unregister'}, {...budget, target});
    if (gave.kind !== 'ok') budget.log(`${target}: not unregistered: ${gave.says}`);
  }
  const left = await keysOfUs(lun, self, budget);
  if (left.length > 0) await sweep(lun, {self, budget}, left);
}

/**
 * Registered over a way that is gone (another adapter, a session that ended): only a preempt
 * reaches those, and only a registered node may do it.
 */
async function sweep(
  lun: Lun,
  {self, budget}: Pick<Work, 'self' | 'budget'>,
  left: readonly string[],
): Promise<void> {
  const key = derivedKey(self.scheme.cluster, self.node, sweepEpoch);
  for (const target of lun.targets) {
    const order = {verb: 'register', key, lasting: false} as const;
    const entered = await give(lun, order, {...budget, target});
    if (entered.kind !== 'ok') continue;
    for (const victim of left.filter((one) => one !== key)) {
      await give(lun, {verb: 'preempt', key, victim, abort: false}, {...budget, target});
    }
    await give(lun, {verb: 'unregister'}, {...budget, target});
    break;
  }
  const still = await keysOfUs(lun, self, budget);
  if (still.length === 0) return;
  const detail = `${lun.device}: our keys ${still.join(', ')} are still registered`;
  throw new Broken({kind: 'unknown', detail});
}

async function probe(work: Work): Promise<ProbeOutcome> {
  const {self, budget} = work;
  const seen: {readonly device: string; readonly verdict: LunVerdict | null; says: string}[] = [];
  try {
    for (const lun of await lunsOf(work)) {
      const read = await readLun(lun, budget);
      const verdict = read.ok ? judgeLun(read.seen, self, lun.registrations) : null;
      const silent =
        read.ok && read.silent.length > 0 ? `, ${read.silent.join(', ')} do not answer` : '';
      const says = `${lun.device}: ${verdict?.says ?? (read.ok ? '' : read.says)}${silent}`;
      seen.push({device: lun.device, verdict, says});
    }
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return answer('unknown', error.outcome.detail);
  }
  const detail = seen.map(({says}) => says).join('; ');
  const verdicts = seen.map(({verdict}) => verdict);
  const lost = verdicts.some((verdict) => verdict?.lost === true);
  const every = (state: string): boolean => verdicts.every((one) => one?.state === state);
  const state = every('up') ? 'up' : every('down') ? 'down' : 'unknown';
  return {...answer(state, detail), ...(lost ? {lost} : {})};
}
