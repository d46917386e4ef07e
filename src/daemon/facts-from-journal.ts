/**
 * When the facts are lost the journal still knows the essence: the last state and epoch of each
 * service, and in which boot. Frozen all of them, because what else was lost nobody knows; but a
 * service that ran must not be announced as stopped, or another node would start it a second time.
 */

import type {FreezeInfo, ServiceFacts} from '../engine/types.ts';
import {serviceName} from '../kernel/ids.ts';
import type {ServiceName} from '../kernel/ids.ts';
import type {JournalRecord} from '../journal/types.ts';

/** What is known of one service from its last transition. */
interface Trace {
  readonly state: string;
  readonly epoch: number;
  readonly owner: boolean;
  readonly bootId: string;
}

/** Records as the journal keeps them, oldest first. */
export function traceServices(records: readonly JournalRecord[]): ReadonlyMap<ServiceName, Trace> {
  const traces = new Map<ServiceName, Trace>();
  let bootId = '';
  for (const record of records) {
    const {data} = record;
    if (record.kind === 'daemon' && typeof data['bootId'] === 'string') bootId = data['bootId'];
    if (record.kind !== 'transition' || record.service === null) continue;
    const {to, epoch, owner} = data;
    if (typeof to !== 'string' || typeof epoch !== 'number' || to === 'UNKNOWN') continue;
    traces.set(serviceName(record.service), {state: to, epoch, owner: owner === true, bootId});
  }
  return traces;
}

/** States in which something may be running. A later UNKNOWN is a question, not an answer. */
const mayRun = new Set(['STARTED', 'STARTING', 'STOPPING', 'STOP_FAILED', 'FROZEN_START']);

/**
 * Facts for services whose own were lost: frozen, with the epoch of the journal. Where the journal
 * says nothing at all of a service, it counts as running, which is the claim that harms nobody.
 */
export function frozenFacts(
  names: readonly ServiceName[],
  lost: {
    readonly traces: ReadonlyMap<ServiceName, Trace>;
    readonly bootId: string;
    readonly freeze: FreezeInfo;
  },
): ReadonlyMap<ServiceName, ServiceFacts> {
  const facts = new Map<ServiceName, ServiceFacts>();
  for (const name of names) {
    const trace = lost.traces.get(name);
    const thisBoot = trace === undefined || trace.bootId === lost.bootId;
    const running = thisBoot && (trace === undefined || mayRun.has(trace.state));
    facts.set(name, {
      epoch: trace?.epoch ?? 0,
      owner: trace?.owner ?? false,
      frozen: running ? 'start' : 'stop',
      freeze: lost.freeze,
      failed: null,
      lastAction: running ? 'started' : 'stopped',
      bootId: thisBoot ? lost.bootId : (trace?.bootId ?? ''),
      peerLatch: null,
      underWay: null,
    });
  }
  return facts;
}
