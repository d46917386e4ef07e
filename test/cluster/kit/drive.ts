/** The drivers of the product at work inside of a node of the harness. */

import {fileURLToPath} from 'node:url';
import type {ClusterNode} from '../harness/node.ts';

/** An answer of a driver: `state` of a probe, `kind` of an action. */
export interface Answer {
  readonly state?: string;
  readonly kind?: string;
  readonly detail: string;
  readonly untouched?: boolean;
  readonly lines: readonly string[];
}

const program = fileURLToPath(new URL('drive-process.ts', import.meta.url));

/** Carries out `start fs#1` and so on, in order; `conf` is the file without its [DEFAULT]. */
export async function drive(
  node: ClusterNode,
  conf: string,
  ...steps: readonly string[]
): Promise<readonly Answer[]> {
  const order = {node: node.name, conf, steps, deadlineMs: 10_000};
  const printed = await node.must([process.execPath, program, JSON.stringify(order)]);
  return JSON.parse(printed) as readonly Answer[];
}

/** Kinds and states in one list, for what is expected to go well. */
export async function driven(
  node: ClusterNode,
  conf: string,
  ...steps: readonly string[]
): Promise<readonly string[]> {
  const answers = await drive(node, conf, ...steps);
  return answers.map(({kind, state, detail}, index) =>
    ['done', 'up', 'down'].includes(kind ?? state ?? '')
      ? `${steps[index]}: ${kind ?? state}`
      : `${steps[index]}: ${kind ?? state}: ${detail}`,
  );
}
