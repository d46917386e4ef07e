/**
 * Conditions of the starts of one service against its resources and their order. A condition is
 * looked at once, right before the start; one that can never hold then is told here.
 */

import type {Report} from '../findings.ts';
import type {Condition} from '../key-spec.ts';
import type {ResourceConfig} from './table.ts';

/** `resources` in the order of their start. */
export function checkRequirements(resources: readonly ResourceConfig[], report: Report): void {
  const order = new Map(resources.map(({rid}, index) => [rid as string, index]));
  for (const [index, resource] of resources.entries()) {
    for (const condition of resource.requires) {
      const fault = faultOf(condition, {resources, order, index});
      if (fault === null) continue;
      const [message, hint] = fault;
      report('HA_CONF_REQUIRES', condition.place, `${resource.rid} ${message}`, hint);
    }
  }
}

interface Within {
  readonly resources: readonly ResourceConfig[];
  readonly order: ReadonlyMap<string, number>;
  readonly index: number;
}

/** Message and hint. */
function faultOf({rid, states}: Condition, within: Within): readonly [string, string] | null {
  if (rid === null) {
    return ['requires what is impossible, so that it never starts', 'Write disable = yes.'];
  }
  const at = within.order.get(rid);
  const known = [...within.order.keys()].join(' ');
  if (at === undefined) {
    return [`requires ${rid}, and there is no such resource`, `There are: ${known}.`];
  }
  const needsUp = states.every((state) => state === 'up' || state === 'stdby up');
  if (!needsUp) return null;
  if (within.resources[at]!.disabled) {
    return [`requires ${rid} to be up, which is disabled`, 'Enable it, or remove the condition.'];
  }
  if (at < within.index) return null;
  const message =
    at === within.index
      ? 'requires itself to be up before it starts'
      : `requires ${rid} to be up, which starts after it`;
  return [message, `They start in this order: ${known}.`];
}
