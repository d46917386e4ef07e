/** The timing inequalities, and whether the configuration can prove what its services demand. */

import type {ClusterDraft} from './draft.ts';
import type {Report} from './findings.ts';
import {inequalityCodes} from './inequalities.ts';
import type {Inequality} from './inequalities.ts';
import {inequalities} from './rules.ts';
import {takeoverOf} from './takeover.ts';

/** Gives the inequalities too, for those who print them. */
export function checkSafety(draft: ClusterDraft, report: Report): readonly Inequality[] {
  const {config, place} = draft;
  const list = inequalities({...config, place});
  for (const inequality of list) {
    const code = inequalityCodes[inequality.id];
    if (inequality.holds || code === undefined) continue;
    const {id, subject, formula, leftMs, rightMs, remedy} = inequality;
    const message = `${id} of ${subject}: expected ${formula}, found ${leftMs} ms < ${rightMs} ms`;
    report(code, inequality.place, message, remedy);
  }
  if (config.nodes.length > 1) {
    checkFences(draft, report);
    checkProofs(draft, report);
  }
  return list;
}

/** The first section stands for all of them. */
function checkFences({config}: ClusterDraft, report: Report): void {
  const [first] = config.fences;
  if (first === undefined) return;
  const without = config.nodes.filter((node) => !config.fences.some((one) => one.node === node));
  if (without.length === 0) return;
  const found = `found none for ${listNames(without)}`;
  const message = `expected a section [fence#NODE] for every node, ${found}`;
  report('HA_CONF_FENCE_PARTIAL', first.place, message);
}

/** One finding per class, at the first service that it concerns. */
function checkProofs({config}: ClusterDraft, report: Report): void {
  for (const serviceClass of ['none', 'exclusive', 'data'] as const) {
    const services = config.services.filter((service) => service.serviceClass === serviceClass);
    const first = services[0];
    if (first === undefined) continue;
    const names = listNames(services.map((service) => service.name));
    if (serviceClass === 'none') {
      const message = `class none takes ${names} over on silence alone`;
      report('HA_CONF_CLASS_NONE', first.place, message);
      continue;
    }
    const {proofNeeded, proof, possible} = takeoverOf(config, serviceClass);
    if (possible || config.takeover === 'manual') continue;
    const expected = `expected proof ${proofNeeded}, found ${proof}`;
    const message = `class ${serviceClass} of ${names} ${expected}`;
    report('HA_CONF_PROOF_MISSING', first.place, message);
  }
}

/** At most three names, then their number. */
function listNames(names: readonly string[]): string {
  if (names.length <= 3) return names.join(', ');
  return `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}
