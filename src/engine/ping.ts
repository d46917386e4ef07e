/**
 * What the ping targets say. Only answers are kept, each with the time at which it was asked for:
 * what is late, lost or was never asked is no answer, so nobody has to notice that it is missing.
 */

import {pingIntervalsKept} from '../config/ping.ts';
import type {PingConfig} from '../config/types.ts';
import type {Engine} from './state.ts';
import {markAllDirty} from './state.ts';
import type {Input} from './types.ts';
import type {PingView} from './view.ts';

export interface PingRuntime {
  /** When the youngest answer of each target was asked for. */
  readonly askedMs: Map<string, number>;
  /** Why nothing can be asked; null: it can. */
  fault: string | null;
  /** As the services last saw it. */
  reachable: boolean | null;
}

/** True where enough targets answer; null where none are configured. Unknown is false. */
export function pingReachable(engine: Engine): boolean | null {
  const config = engine.config.pings.get(engine.node);
  return config === undefined ? null : answering(engine, config).length >= config.needed;
}

export function onPinged(engine: Engine, input: Input & {readonly type: 'pinged'}): void {
  const {ping} = engine;
  const configured = engine.config.pings.get(engine.node)?.targets ?? [];
  for (const target of ping.askedMs.keys()) {
    if (!configured.includes(target)) ping.askedMs.delete(target);
  }
  for (const {target, askedMs} of input.answers) {
    if (!configured.includes(target)) continue;
    ping.askedMs.set(target, Math.max(ping.askedMs.get(target) ?? -Infinity, askedMs));
  }
  ping.fault = input.fault;
  const reachable = pingReachable(engine);
  if (reachable === ping.reachable) return;
  ping.reachable = reachable;
  markAllDirty(engine);
}

export function pingView(engine: Engine): PingView | null {
  const config = engine.config.pings.get(engine.node);
  if (config === undefined) return null;
  const answered = answering(engine, config);
  return {
    needed: config.needed,
    reachable: answered.length >= config.needed,
    fault: engine.ping.fault,
    targets: config.targets.map((address) => ({
      address,
      answers: answered.includes(address),
      ageMs: ageOf(engine, address),
    })),
  };
}

/** One sentence for an alarm and for a verdict. */
export function pingText(engine: Engine, config: PingConfig): string {
  const count = answering(engine, config).length;
  const {targets, needed} = config;
  const counts = `${count} of ${targets.length} ping targets answer, needed ${needed}`;
  return engine.ping.fault === null ? counts : `${counts} (${engine.ping.fault})`;
}

function answering(engine: Engine, config: PingConfig): readonly string[] {
  const keptMs = pingIntervalsKept * config.intervalMs;
  return config.targets.filter((target) => (ageOf(engine, target) ?? Infinity) < keptMs);
}

function ageOf(engine: Engine, target: string): number | null {
  const askedMs = engine.ping.askedMs.get(target);
  return askedMs === undefined ? null : engine.nowMs - askedMs;
}
