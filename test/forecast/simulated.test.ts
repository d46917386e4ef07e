/**
 * The bounds of `ha timeline` against what simulated clusters do: the same configuration, the same
 * fault, at many phases of beats and renewals. A takeover must begin within the bounds, and where
 * none is foretold none may come.
 */

import {describe, expect, it} from 'vitest';
import {fenceMsMax} from '../../src/config/fence-time.ts';
import {serviceClasses} from '../../src/config/types.ts';
import type {ClusterConfig} from '../../src/config/types.ts';
import {forecastService} from '../../src/forecast/play.ts';
import type {FaultForecast} from '../../src/forecast/types.ts';
import {Chance} from '../../src/kernel/chance.ts';
import {nodeName} from '../../src/kernel/ids.ts';
import type {Action} from '../../src/sim/actions.ts';
import {configOf, defaultService, defaultShape} from '../../src/sim/shape.ts';
import type {ClusterShape} from '../../src/sim/shape.ts';
import {World} from '../../src/sim/world.ts';

const node1 = 'node1';
const node2 = nodeName('node2');
const cut: Action = {verb: 'cut', link: '*', from: '*', to: '*'};
const lost: Action = {verb: 'disk', node: node1, disk: '*', mode: 'eio'};

const actionsOf: Readonly<Record<string, readonly Action[]>> = {
  'power-loss': [{verb: 'crash', node: node1}],
  'daemon-crash': [{verb: 'kill-daemon', node: node1}],
  'network-cut': [cut],
  'disk-loss': [lost],
  'isolation': [lost, cut, {verb: 'etcd', node: node1, mode: 'hang'}],
  'arbiter-loss': [{verb: 'etcd', node: '*', mode: 'hang'}],
  'pause': [{verb: 'pause', node: node1}],
};

interface Played {
  /** From the fault to the first start script on node2; null: none. */
  readonly startMs: number | null;
  /** From the fault to the first stop script on node1; null: none. */
  readonly stopMs: number | null;
  /** node1 was reset, and may have come back before anybody took over. */
  readonly wasReset: boolean;
}

/** Longer than any wait of these clusters: leases, dead times and watchdogs in a row. */
const horizonsMs = {default: 45_000, fast: 25_000} as const;
/** Until both daemons have found each other and the service runs. */
const settledMs = 20_000;
/** Phases of beats and renewals that are tried. */
const seedsMax = 4;

function play(shape: ClusterShape, fault: string, seed: number): Played {
  const chance = new Chance(seed);
  const seen = {faultMs: Infinity, startMs: null as number | null, stopMs: null as number | null};
  let wasReset = false;
  const world: World = new World({
    shape,
    seed,
    noise: true,
    observers: () => [
      {
        onScript: ({node, action, atMs}) => {
          if (atMs < seen.faultMs) return;
          if (node === node2 && action === 'start') seen.startMs ??= atMs - seen.faultMs;
          if (node !== node2 && action === 'stop') seen.stopMs ??= atMs - seen.faultMs;
        },
        onDaemon: (_, event, atMs) => {
          if (event === 'power-on' && atMs > seen.faultMs) wasReset = true;
        },
      },
    ],
  });
  for (const node of world.nodes) world.apply({verb: 'boot', node});
  seen.faultMs = settledMs + chance.between(0, 10_000);
  world.runUntil(seen.faultMs);
  expect(world.machine(nodeName(node1)).isActive(world.config.services[0]!.name)).toBe(true);
  for (const action of actionsOf[fault]!) world.apply(action);
  world.runUntil(seen.faultMs + horizonsMs[shape.profile]);
  return {startMs: seen.startMs, stopMs: seen.stopMs, wasReset};
}

interface Cluster {
  readonly title: string;
  readonly shape: ClusterShape;
}

const three: Cluster = {
  title: 'exclusive, default, 1 disk, three nodes',
  shape: {...defaultShape, nodes: 3, services: [{...defaultService, monitorMs: 0}]},
};

const clusters: readonly Cluster[] = serviceClasses.flatMap((serviceClass) =>
  (['default', 'fast'] as const).flatMap((profile) =>
    [0, 1].flatMap((disks) =>
      (disks === 1 && serviceClass === 'data' ? [0, 5_000] : [0]).map((watchdogMs) => ({
        title: `${serviceClass}, ${profile}, ${disks} disks, watchdog ${watchdogMs}`,
        shape: {
          ...defaultShape,
          profile,
          disks,
          watchdogMs,
          services: [{...defaultService, serviceClass, monitorMs: 0}],
        },
      })),
    ),
  ),
);

/** Each node can switch the other one off, with and without a disk, and with an etcd. */
const fenced: readonly Cluster[] = (['exclusive', 'data'] as const).flatMap((serviceClass) =>
  [{disks: 0}, {disks: 1}, {disks: 0, etcd: true as const}].map((media) => ({
    title: `${serviceClass}, fenced, ${media.disks} disks, ${'etcd' in media ? 'etcd' : 'no etcd'}`,
    shape: {
      ...defaultShape,
      ...media,
      profile: 'fast',
      fence: 'off',
      services: [{...defaultService, serviceClass, monitorMs: 0}],
    },
  })),
);

/** What the run did that the forecast does not allow; null: nothing. */
function complaint({start, outcome, moments}: FaultForecast, played: Played): string | null {
  const {startMs, stopMs, wasReset} = played;
  const stop = moments.find(({node, text}) => node === node1 && text.startsWith('stops '));
  if (stop !== undefined) {
    const isWithin = stopMs !== null && stopMs >= stop.fromMs && stopMs <= stop.untilMs! + 1_000;
    if (!isWithin) return `stop at ${stopMs}, not in ${stop.fromMs} to ${stop.untilMs}`;
  }
  if (start === null) return startMs === null ? null : `${outcome}, but started at ${startMs}`;
  if (startMs === null) return wasReset ? null : `${outcome}, but nothing was started`;
  const isWithin = startMs >= start.fromMs && startMs <= start.untilMs!;
  return isWithin ? null : `started at ${startMs}, not in ${start.fromMs} to ${start.untilMs}`;
}

/** Bounds that hold for anything say nothing: they may be wider only by what was not slow here. */
function looseness(
  config: ClusterConfig,
  {start}: FaultForecast,
  starts: readonly number[],
): string | null {
  if (start === null || starts.length === 0) return null;
  const {timing, disks} = config;
  const lookMs = Math.max(0, ...disks.map(({renewMs, ioMs}) => renewMs + ioMs));
  // No device was slow here, and etcd ended each lease at once or a second later.
  const agentMs = Math.max(0, ...config.nodes.map((node) => fenceMsMax(config, node)));
  const leaseMs = config.arbiter?.ttlMs ?? 0;
  const roomMs = timing.stallMs + timing.beatMs + timing.delayMs + 2 * lookMs + agentMs + leaseMs;
  const earliest = Math.min(...starts) - start.fromMs;
  const latest = start.untilMs! - Math.max(...starts);
  const isTight = earliest <= roomMs && latest <= roomMs;
  return isTight ? null : `${starts.join(', ')} in ${start.fromMs} to ${start.untilMs}`;
}

describe('the forecast of a fault holds in simulated clusters', () => {
  it.each([...clusters, ...fenced, three])('$title', ({shape}) => {
    const config = configOf(shape);
    const {faults} = forecastService(config, config.services[0]!, new Set());
    const wrong: string[] = [];
    for (const forecast of faults) {
      if (forecast.outcome === 'absent') continue;
      const starts: number[] = [];
      for (let seed = 1; seed <= seedsMax; seed += 1) {
        const played = play(shape, forecast.fault, seed);
        const text = complaint(forecast, played);
        if (text !== null) wrong.push(`${forecast.fault} ${seed}: ${text}`);
        if (played.startMs !== null) starts.push(played.startMs);
      }
      const loose = looseness(config, forecast, starts);
      if (loose !== null) wrong.push(`${forecast.fault}: ${loose}`);
    }
    expect(wrong).toEqual([]);
  });
});
