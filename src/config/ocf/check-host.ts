/** `[ocf#N]` against this host: the agents, and what they say about what they are given. */

import {formatDuration} from '../../kernel/duration.ts';
import {quote, type Report} from '../findings.ts';
import type {OcfResource} from '../resources/ocf.ts';
import type {HostFacts, ResourceConfig} from '../types.ts';
import {checkParameters, type ParameterFault} from './check-parameters.ts';
import {advisedMs, hasAction, type OcfMetadata} from './metadata.ts';

/** What the host says of one agent. */
export interface AgentFact {
  /** Why it can not be run: a sentence, or ''. */
  readonly fault: string;
  /** Null: it was not asked, or gave none. */
  readonly metadata: OcfMetadata | null;
  /** Why it gave none: a sentence, or ''. */
  readonly metadataFault: string;
}

export function checkOcfHost(
  resources: readonly ResourceConfig[],
  {agents}: HostFacts,
  report: Report,
): void {
  if (agents === undefined) return;
  for (const resource of resources) {
    if (resource.type !== 'app.ocf' || resource.disabled) continue;
    const fact = agents.get(`${resource.provider}/${resource.agent}`);
    if (fact !== undefined) checkAgent(resource, fact, report);
  }
}

function checkAgent(resource: OcfResource, fact: AgentFact, report: Report): void {
  const {place, rid} = resource;
  if (fact.fault !== '') {
    const message = `${rid} expected an agent that can be run, found: ${fact.fault}`;
    report('HA_CONF_OCF_AGENT', place, message);
    return;
  }
  if (fact.metadataFault !== '') {
    const message = `${rid} expected metadata from its agent, found: ${fact.metadataFault}`;
    report('HA_CONF_OCF_METADATA', place, message);
  }
  const {metadata} = fact;
  if (metadata === null) return;
  for (const fault of checkParameters(metadata, resource.parameters)) {
    tellParameter(resource, fault, report);
  }
  if (hasAction(metadata, 'promote') && !resource.unpromoted) {
    const found = `found ${nameOf(resource)} with promote`;
    report('HA_CONF_OCF_PROMOTABLE', place, `${rid} expected an agent without roles, ${found}`);
  }
  checkTimeouts(resource, metadata, report);
}

function nameOf({provider, agent}: OcfResource): string {
  return `${provider}:${agent}`;
}

function tellParameter(resource: OcfResource, fault: ParameterFault, report: Report): void {
  const {place, rid} = resource;
  const agent = nameOf(resource);
  switch (fault.type) {
    case 'unknown': {
      const message = `${rid} expected a parameter of ${agent}, found ${quote(fault.name)}`;
      const hint = fault.near === null ? undefined : `Did you mean "${fault.near}"?`;
      report('HA_CONF_OCF_PARAMETER', place, message, hint);
      return;
    }
    case 'missing': {
      const what = fault.short === '' ? '' : ` (${fault.short})`;
      const message = `${rid} expected the parameter ${fault.name}${what}, found none`;
      report('HA_CONF_OCF_REQUIRED', place, message, `Write ${fault.name} = ...`);
      return;
    }
    case 'value': {
      const found = quote(resource.parameters.get(fault.name) ?? '');
      const message = `${rid} ${fault.name} expected ${fault.expected}, found ${found}`;
      report('HA_CONF_OCF_VALUE', place, message);
      return;
    }
    case 'deprecated': {
      const message = `${rid} expected no parameter that ${agent} gives up, found ${fault.name}`;
      report('HA_CONF_OCF_DEPRECATED', place, message);
    }
  }
}

/** The author of an agent knows how long it may take; what is shorter ends a good action. */
function checkTimeouts(resource: OcfResource, metadata: OcfMetadata, report: Report): void {
  const {place, rid, startMs, stopMs, probeMs} = resource;
  const rows = [
    ['start', 'start_timeout', startMs],
    ['stop', 'stop_timeout', stopMs],
    ['monitor', 'check_timeout', probeMs],
  ] as const;
  for (const [action, key, ms] of rows) {
    const advised = advisedMs(metadata, action);
    if (advised === null || ms >= advised) continue;
    const least = formatDuration(advised);
    const message = `${rid} expected ${key} of ${least} or more, found ${formatDuration(ms)}`;
    const hint = `The agent advises it: write ${key} = ${least}.`;
    report('HA_CONF_OCF_TIMEOUT', place, message, hint);
  }
}
