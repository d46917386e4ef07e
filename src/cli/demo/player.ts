/** Plays the story: act, look until all that is expected is seen, or say what is not. */

import {formatDuration} from '../../kernel/duration.ts';
import type {Expectation} from './expect.ts';
import {demoNodes} from './layout.ts';
import {instanceOf, type NodeSight, type Sight} from './sight.ts';
import type {Step} from './steps.ts';
import type {World} from './world.ts';

/** A step that came true. */
export interface Proof {
  readonly durationMs: number;
  /** What was seen, a sentence for each expectation. */
  readonly seen: readonly string[];
}

/** Why a step did not come true: sentences of what was expected and seen. */
export interface Failure {
  readonly missing: readonly string[];
}

export interface PlayOptions {
  readonly world: World;
  readonly steps: readonly Step[];
  readonly nextSight: () => Promise<Sight>;
  readonly onBegin: (step: Step, number: number) => void;
  readonly onProof: (proof: Proof) => void;
  /** Aborted: the player returns soon, and what it returns has no meaning. */
  readonly signal: AbortSignal;
}

/** null: every step came true. */
export async function play(options: PlayOptions): Promise<Failure | null> {
  for (const [index, step] of options.steps.entries()) {
    options.onBegin(step, index + 1);
    const startMs = performance.now();
    const end = await playStep(options, step);
    if ('missing' in end) return end;
    options.onProof({durationMs: performance.now() - startMs, seen: end.seen});
  }
  return null;
}

async function playStep(
  options: PlayOptions,
  step: Step,
): Promise<Failure | {readonly seen: readonly string[]}> {
  const fault = await act(options.world, step);
  if (fault !== null) return {missing: [fault]};
  const deadlineMs = performance.now() + step.withinMs;
  for (;;) {
    const sight = await options.nextSight();
    const failed = step.expected.filter(({holds}) => !holds(sight));
    if (failed.length === 0) return {seen: step.expected.map((one) => proven(one, sight))};
    const over = performance.now() > deadlineMs || options.signal.aborted;
    if (over || demoNodes.some((name) => isStuck(sight.nodes[name]))) {
      return {missing: failed.map((one) => missing(one, sight, step.withinMs))};
    }
  }
}

/** A failure that only a person ends: the rest of the time would be waited for nothing. */
function isStuck(node: NodeSight): boolean {
  const state = instanceOf(node)?.state;
  return state === 'START_FAILED' || state === 'STOP_FAILED';
}

/** A sentence where a command failed or a daemon did not come up; else null. */
async function act(world: World, step: Step): Promise<string | null> {
  if (step.act === null) return null;
  await world.mark();
  try {
    await step.act(world);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** `one web server runs, that of node1 (pid 4711)`. */
function proven(one: Expectation, sight: Sight): string {
  return one.shown === undefined ? one.what : `${one.what} (${one.shown(sight)})`;
}

function missing(one: Expectation, sight: Sight, withinMs: number): string {
  return `expected within ${formatDuration(withinMs)}: ${one.what}; seen: ${one.seen(sight)}`;
}
