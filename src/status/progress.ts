/** Where a running plan is: step, elapsed and budget, as the wait line and the status show it. */

import type {InstanceView} from '../engine/view.ts';
import {formatAge} from '../kernel/duration.ts';

/** `Step 2 of 4: start app#1, 12 s of at most 60 s.`; null where no plan runs. */
export function progressText(instance: InstanceView): string | null {
  const progress = instance.local?.progress ?? null;
  if (instance.local === null || progress === null) return null;
  const {planAgeMs, planBudgetMs} = instance.local;
  const step = `Step ${progress.step} of ${progress.steps}: ${progress.action} ${progress.rid}`;
  if (planAgeMs === null) return `${step}.`;
  const budget = planBudgetMs === null ? '' : ` of at most ${formatAge(planBudgetMs)}`;
  return `${step}, ${formatAge(planAgeMs)}${budget}.`;
}
