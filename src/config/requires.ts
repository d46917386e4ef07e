/** Conditions on the state of other resources, as `start_requires` has them. */

import {requiredStates, type Condition, type RequiredState} from './key-spec.ts';

/** What is demanded where no states are written. */
const statesDefault: readonly RequiredState[] = ['up', 'stdby up'];
/** Conditions of one key. */
const conditionsMax = 64;

/** The conditions, or the part that is none. Empty text demands nothing, as OpenSVC's default. */
export function parseRequires(text: string): readonly Condition[] | string {
  const conditions: Condition[] = [];
  // A state may hold a blank, so words alone do not separate the conditions.
  const pattern = /\s*([^\s()]+)(?:\(([^()]*)\))?(?=\s|$)/y;
  const whole = text.trim();
  while (pattern.lastIndex < whole.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(whole);
    if (match === null) return whole.slice(at).trim();
    const condition = conditionOf(match[1]!, match[2]);
    if (condition === null || conditions.length === conditionsMax) return match[0].trim();
    conditions.push(condition);
  }
  return conditions;
}

function conditionOf(rid: string, states: string | undefined): Condition | null {
  if (rid === 'impossible' && states === undefined) return {rid: null, states: []};
  if (!/^[a-z]+(?:#[A-Za-z0-9._-]{1,32})?$/.test(rid)) return null;
  if (states === undefined || states.trim() === '') return {rid, states: statesDefault};
  const words = states.split(',').map((word) => word.trim().toLowerCase().replaceAll(/\s+/g, ' '));
  const known = words.flatMap((word) => requiredStates.filter((state) => state === word));
  return known.length === words.length ? {rid, states: [...new Set(known)]} : null;
}
