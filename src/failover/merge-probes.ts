/**
 * What the probes of a service's resources say about the service. The two certain answers are not
 * symmetric: "up" looks at the resources that the service can not do without, "down" at all of
 * them, because an optional resource that still runs here must not be started elsewhere.
 */

import type {ResourceConfig} from '../config/types.ts';
import type {ResourceProbe, ServiceProbe} from './types.ts';

/**
 * `probes` of the enabled resources only; a disabled one is never asked and never counts. A service
 * that is up without an optional resource is up, not partial: nothing is to be done about it.
 */
export function mergeProbes(
  probes: readonly ResourceProbe[],
  resources: readonly ResourceConfig[],
): ServiceProbe {
  const optional = new Set(resources.filter((one) => one.optional).map((one) => one.rid));
  const mandatory = probes.filter((probe) => !optional.has(probe.rid));
  const needed = mandatory.length > 0 ? mandatory : probes;
  const isUp = needed.length > 0 && needed.every((probe) => probe.verifiable && isIn(probe, 'up'));
  const isDown =
    probes.length > 0 && probes.every((probe) => probe.verifiable && isIn(probe, 'down'));
  return {
    state: isUp ? 'up' : isDown ? 'down' : 'unknown',
    partial:
      !isUp &&
      ['up' as const, 'down' as const].every((state) => probes.some((probe) => isIn(probe, state))),
    verifiable: probes.length > 0 && probes.every((probe) => probe.verifiable),
    resources: probes,
  };
}

function isIn(probe: ResourceProbe, state: 'up' | 'down'): boolean {
  return probe.state === state;
}
