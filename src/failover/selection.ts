/**
 * A part of a service: what `--rid`, `--tags`, `--subset`, `--upto` and `--downto` leave of its
 * resources. A word that names nothing is an error, never an empty part: who misspells a resource
 * must not believe that it was acted on.
 */

import type {ResourceConfig} from '../config/types.ts';
import {familyOf} from '../kernel/families.ts';
import {err, ok, type HaError, type Result} from '../kernel/result.ts';
import type {Selection} from '../kernel/selection.ts';

/** `ordered`: in the order of the action. What is left keeps it; all selectors must hold. */
export function selectResources(
  ordered: readonly ResourceConfig[],
  kind: 'start' | 'stop',
  selection: Selection,
): Result<readonly ResourceConfig[]> {
  const misplaced = misplacedBarrier(kind, selection);
  if (misplaced !== null) return err(misplaced);
  const barrier = kind === 'start' ? selection.upto : selection.downto;
  let left = ordered;
  for (const read of [byRid(selection.rid), byTags(selection.tags), bySubset(selection.subset)]) {
    for (const {word, takes} of read) {
      if (!ordered.some(takes)) return err(nothing(word, ordered));
    }
    if (read.length > 0) left = left.filter((one) => read.some(({takes}) => takes(one)));
  }
  if (barrier !== null) {
    const last = ordered.findLastIndex((one) => isNamed(one, barrier));
    if (last < 0) return err(nothing(barrier, ordered));
    left = left.filter((one) => ordered.indexOf(one) <= last);
  }
  if (left.length === 0) return err(nothing('all of that together', ordered));
  return ok(kind === 'start' ? withReservations(left, ordered) : left);
}

/** Nothing starts without the reservation that its section asks for. */
function withReservations(
  part: readonly ResourceConfig[],
  ordered: readonly ResourceConfig[],
): readonly ResourceConfig[] {
  const implied = new Set(part.map(({rid}) => `${rid}pr`));
  const isMeant = ({rid, type}: ResourceConfig): boolean =>
    type === 'disk.scsireserv' && implied.has(rid);
  return ordered.filter((one) => part.includes(one) || isMeant(one));
}

interface Selector {
  readonly word: string;
  readonly takes: (resource: ResourceConfig) => boolean;
}

function wordsOf(text: string | null): readonly string[] {
  return (text ?? '').split(',').map((word) => word.trim().toLowerCase());
}

function selectors(
  text: string | null,
  takes: (resource: ResourceConfig, word: string) => boolean,
): readonly Selector[] {
  if (text === null) return [];
  return wordsOf(text).map((word) => ({word, takes: (one) => takes(one, word)}));
}

const byRid = (text: string | null): readonly Selector[] => selectors(text, isNamed);

const byTags = (text: string | null): readonly Selector[] =>
  selectors(text, ({tags}, word) => word.split('+').every((tag) => tags.includes(tag)));

const bySubset = (text: string | null): readonly Selector[] =>
  selectors(text, ({subset, type}, word) => {
    const name = subset?.toLowerCase();
    return name !== undefined && (word === name || word === `${familyOf(type)}:${name}`);
  });

/** By its own name, by the family of its section, as `vg`, by its family or by its type. */
function isNamed({rid, type}: ResourceConfig, word: string): boolean {
  const name = word.toLowerCase();
  return [rid.toLowerCase(), rid.split('#')[0], familyOf(type), type].includes(name);
}

function misplacedBarrier(kind: 'start' | 'stop', selection: Selection): HaError | null {
  if (kind === 'start' && selection.downto !== null) {
    return fault('--downto is for a stop', 'Write --upto.');
  }
  if (kind === 'stop' && selection.upto !== null) {
    return fault('--upto is for a start', 'Write --downto.');
  }
  return null;
}

function nothing(word: string, ordered: readonly ResourceConfig[]): HaError {
  const known = ordered.map(({rid}) => rid).join(' ');
  return fault(`expected a part of the service, found none for ${word}`, `It has: ${known}.`);
}

function fault(message: string, hint: string): HaError {
  return {code: 'HA_PLAN_SELECTION', message, hint};
}
