/** All resources of one service as one node evaluates them, in the order of their start. */

import {familyRank} from '../../kernel/families.ts';
import type {Report} from '../findings.ts';
import {impliedLaunchers, type AppResource} from './app.ts';
import type {OpenSection, ReadOptions, ResourceDraft, ResourceKind} from './kind.ts';
import {checkRequirements} from './requirements.ts';
import type {ResourceConfig} from './table.ts';

/** A section that was read, with the kind that reads it. */
export interface OpenResource {
  readonly kind: ResourceKind;
  readonly evaluate: OpenSection;
}

/** A number before those that a section can have. */
const firstOfAll = -1;

type Draft = ResourceDraft<ResourceConfig>;

export function draftsOf(
  source: {readonly file: string; readonly opened: readonly OpenResource[]},
  options: ReadOptions,
): readonly ResourceConfig[] {
  const drafts = source.opened
    .map(({evaluate}) => evaluate(options) as Draft | null)
    .filter((draft): draft is Draft => draft !== null)
    .flatMap((draft) => [...impliedBy(draft), draft]);
  const hasApp = source.opened.some(({kind}) => kind.type === 'app');
  if (!hasApp && options.folder !== null) drafts.push(impliedLaunchers(source.file, options));
  reportTwins(drafts, options.report);
  drafts.sort(compareDrafts);
  reportStopOrder(drafts, options.report);
  const resources = drafts.map(({resource}) => resource);
  checkRequirements(resources, options.report);
  return resources;
}

function impliedBy({implied}: Draft): readonly Draft[] {
  if (implied === undefined) return [];
  return [{resource: implied as ResourceConfig, startOrder: firstOfAll, stopOrder: null}];
}

/**
 * By family, then by subset, those without one first, then as its kind says, else as they stand in
 * the file (the sort is stable).
 */
function compareDrafts(left: Draft, right: Draft): number {
  const byFamily = familyRank(left.resource.type) - familyRank(right.resource.type);
  return byFamily || compareSubsets(left, right) || compareOrder(left.startOrder, right.startOrder);
}

function compareSubsets(left: Draft, right: Draft): number {
  const [one, other] = [left.resource.subset ?? '', right.resource.subset ?? ''];
  return one === other ? 0 : one < other ? -1 : 1;
}

function compareOrder(left: Draft['startOrder'], right: Draft['startOrder']): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'string' && typeof right === 'string') {
    return left === right ? 0 : left < right ? -1 : 1;
  }
  return orderClass(left) - orderClass(right);
}

function orderClass(order: Draft['startOrder']): number {
  return order === null ? 2 : typeof order === 'string' ? 1 : 0;
}

function reportTwins(drafts: readonly Draft[], report: Report): void {
  const withLaunchers = drafts
    .map(({resource}) => resource)
    .filter((one): one is AppResource => one.type === 'app' && one.launchers !== null);
  const [first, ...others] = withLaunchers;
  for (const {rid, place} of others) {
    const message = `expected one resource to run the launchers, found ${rid} too`;
    report(
      'HA_CONF_LAUNCHERS_TWICE',
      place,
      message,
      `Write script in ${rid}, or remove ${first!.rid}.`,
    );
  }
}

function reportStopOrder(drafts: readonly Draft[], report: Report): void {
  for (const [index, draft] of drafts.entries()) {
    const next = drafts[index + 1];
    if (next?.stopOrder == null || draft.stopOrder === null) continue;
    if (next.stopOrder <= draft.stopOrder) continue;
    const found = `found stop = ${draft.stopOrder} and ${next.stopOrder}`;
    const message = `${next.resource.rid} expected to stop before ${draft.resource.rid}, ${found}`;
    report('HA_CONF_STOP_ORDER', next.resource.place, message);
  }
}
