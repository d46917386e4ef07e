/** Where an order is, for the line that one waits in front of: states, step and budget. */

import {formatWait, isMoving} from '../status/model.ts';
import {ask, viewOf} from './ask.ts';
import type {Invocation} from './invocation.ts';
import type {Step} from './order.ts';

/** `node2 STARTING: start app#1 (1/4) within 55 s`; null where nothing moves or none can tell. */
export async function whereIsIt(
  invocation: Pick<Invocation, 'paths' | 'world'>,
  step: Step,
): Promise<string | null> {
  if (!('service' in step.command)) return null;
  const {service: name} = step.command;
  const answer = await ask(invocation, {op: 'view', node: null});
  const view = answer.ok ? viewOf(answer.value) : null;
  const service = view?.services.find((candidate) => candidate.name === name);
  const moving = service?.instances.filter(isMoving) ?? [];
  if (service === undefined || moving.length === 0) return null;
  const states = moving.map((instance) => `${instance.node} ${instance.state}`);
  const local = service.instances.find((instance) => instance.local !== null)?.local ?? null;
  if (local === null || local.progress === null) return states.join(', ');
  const {action, rid, step: at, steps} = local.progress;
  const within = local.planBudgetMs === null ? '' : ` within ${formatWait(local.planBudgetMs)}`;
  return `${states.join(', ')}: ${action} ${rid} (${at}/${steps})${within}`;
}
