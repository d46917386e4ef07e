/**
 * A test on a cluster of its own. It is skipped, with the reason, where a cluster can not be made.
 * A failure while the machine itself stood still says nothing about us: such a run is repeated.
 */

import {test} from 'vitest';
import {startCluster, type Cluster, type ClusterOptions} from './cluster.ts';
import {clusterObstacle} from './obstacle.ts';
import {sweepDeadRuns} from './sweep.ts';
import type {Stall} from './stall-witness.ts';

/** Repetitions of a run in which the machine stood still. */
const repeatsMax = 2;
const logLines = 40;

interface Attempt {
  readonly error: Error | null;
  readonly stalls: readonly Stall[];
}

let swept = false;

/** Registers the test; `body` gets a cluster whose nodes are on. */
export function clusterTest(
  title: string,
  options: ClusterOptions,
  body: (cluster: Cluster) => Promise<void>,
): void {
  test(title, async ({skip}) => {
    const obstacle = clusterObstacle();
    if (obstacle !== null) skip(obstacle);
    if (!swept) await sweepDeadRuns();
    swept = true;
    await withStallRetry(title, () => attempt(options, body));
  });
}

async function attempt(
  options: ClusterOptions,
  body: (cluster: Cluster) => Promise<void>,
): Promise<Attempt> {
  const cluster = await startCluster(options);
  let error: Error | null = null;
  try {
    await body(cluster);
  } catch (caught) {
    error = explained(caught, cluster);
  }
  return {error, stalls: await cluster.close()};
}

/** Repeats a failed attempt while it can be blamed on the machine; then its error stands. */
export async function withStallRetry(
  title: string,
  run: () => Promise<Attempt>,
  say: (text: string) => void = console.warn,
): Promise<void> {
  for (let repeats = 0; ; repeats += 1) {
    const {error, stalls} = await run();
    if (error === null) return;
    if (stalls.length === 0 || repeats === repeatsMax) throw error;
    const lengths = stalls.map(({lengthMs}) => `${lengthMs} ms`).join(', ');
    say(`${title}: the machine stood still for ${lengths}; the run is void and repeated`);
  }
}

/** The error with the ends of all logs below it: after the test they are gone. */
function explained(error: unknown, cluster: Cluster): Error {
  const failure = error instanceof Error ? error : new Error(String(error));
  const logs = cluster.nodes.flatMap((node) =>
    node.logs().map(({name, text}) => {
      const lines = text.trimEnd().split('\n').slice(-logLines);
      return `---- ${node.name}: ${name}\n${lines.join('\n')}`;
    }),
  );
  failure.message = [failure.message, ...logs].join('\n');
  return failure;
}
