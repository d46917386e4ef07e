/**
 * Only what is out of the ordinary, worst first, each with the one or two commands that leave it.
 * Where this room knows a condition in more detail than the engine's alarm, the alarm is left out.
 */

import {nodeItems} from './abnormal-nodes.ts';
import {serviceItems} from './abnormal-services.ts';
import {itemLines, withoutRepeats} from './item.ts';
import type {Item} from './item.ts';
import {blank} from './lines.ts';
import type {Line} from './lines.ts';
import type {StatusView} from './model.ts';

/** Items of one kind that are listed one by one; more become one line with their names. */
export const itemsPerKindMax = 3;

const order = {critical: 0, warning: 1, note: 2} as const;

export function abnormal(view: StatusView): readonly Item[] {
  const alarms = view.alarms.map((alarm): Item => ({
    kind: alarm.code,
    severity: alarm.severity,
    subject: '',
    title: `${alarm.code}: ${alarm.text}`,
    ageMs: alarm.ageMs,
    sentences: [],
    commands: alarm.remedies,
  }));
  const derived = [...nodeItems(view), ...serviceItems(view)];
  const known = new Set(derived.map((item) => item.kind));
  // Link by link it is said better than by their count.
  if (known.has('LINK_DOWN') || known.has('LINK_FAULT')) known.add('DEGRADED');
  const others = alarms.filter((alarm) => !known.has(alarm.kind));
  return gather([...others, ...derived]).sort((a, b) => order[a.severity] - order[b.severity]);
}

/** The items as they stand below the links, a blank line before each. */
export function abnormalLines(view: StatusView): readonly Line[] {
  return withoutRepeats(abnormal(view)).flatMap((item) => [blank, ...itemLines(item)]);
}

/** Two hundred services with the same trouble are one trouble. */
function gather(items: readonly Item[]): Item[] {
  const kinds = new Map<string, Item[]>();
  for (const item of items) {
    const key = `${item.kind} ${item.severity} ${item.subject === '' ? item.title : ''}`;
    kinds.set(key, [...(kinds.get(key) ?? []), item]);
  }
  return [...kinds.values()].flatMap((same) =>
    same.length <= itemsPerKindMax ? same : [gathered(same)],
  );
}

function gathered(items: readonly Item[]): Item {
  const [first] = items as [Item, ...Item[]];
  const names = [...new Set(items.map((item) => item.subject))];
  const shown = names.slice(0, 8).join(', ');
  const rest = names.length > 8 ? ` and ${names.length - 8} more` : '';
  return {
    ...first,
    title: `${items.length} times: ${first.title}`,
    ageMs: null,
    sentences: [`The same for ${shown}${rest}.`],
  };
}
