/** The lines of OpenHA's services file, with what `[service#NAME]` of cluster.conf adds to them. */

import {nodeName, resourceId, serviceName} from '../kernel/ids.ts';
import {
  actionMsDefault,
  failureMemoryMsDefault,
  monitorMsDefault,
  probeMsDefault,
  restartsDefault,
} from './deadlines.ts';
import {serviceDigest} from './digest.ts';
import type {Report} from './findings.ts';
import {serviceOverrideKeys} from './keys.ts';
import {checkMembers} from './members.ts';
import type {ServiceLine} from './openha-lines.ts';
import {readSection, type Section} from './section.ts';
import type {IniSection} from './ini.ts';
import {baseDefaults} from './resources/base.ts';
import type {ScriptResource} from './resources/script.ts';
import type {ServiceConfig} from './types.ts';

export interface OpenhaServiceOptions {
  readonly clusterNodes: readonly string[];
  readonly report: Report;
}

/** The service, or null where its nodes are not usable. */
export function openhaService(
  line: ServiceLine,
  override: IniSection | undefined,
  options: OpenhaServiceOptions,
): ServiceConfig | null {
  const {report, clusterNodes} = options;
  const place = {file: line.file, line: line.line};
  const context = {report, nodes: clusterNodes};
  const values = readSection(override ?? place, serviceOverrideKeys, context);
  const listed = [line.primary, line.secondary].map((name) => ({...place, name}));
  const nodes = checkMembers(listed, clusterNodes, report).map(nodeName);
  if (nodes.length === 0) return null;
  const resource = scriptResource(line, values);
  const monitorMs = values.get('monitor') ?? monitorMsDefault;
  const service: Omit<ServiceConfig, 'digest'> = {
    name: serviceName(line.name),
    nodes,
    serviceClass: values.get('class') ?? 'exclusive',
    orchestrate: values.get('orchestrate') ?? 'ha',
    resources: [resource],
    monitorMs: resource.probe === 'none' ? 0 : monitorMs,
    restarts: values.get('restarts') ?? restartsDefault,
    monitorActions: [],
    failureMemoryMs: values.get('failure_memory') ?? failureMemoryMsDefault,
    origin: 'openha',
    place,
  };
  const variants = nodes.map((node) => ({node, resources: service.resources}));
  return {...service, digest: serviceDigest(service, variants)};
}

function scriptResource(
  line: ServiceLine,
  values: Section<typeof serviceOverrideKeys>,
): ScriptResource {
  return {
    ...baseDefaults,
    rid: resourceId('script'),
    type: 'script',
    script: line.script,
    checkScript: line.check,
    probe: values.get('probe') ?? 'none',
    startMs: values.get('start_timeout') ?? actionMsDefault,
    stopMs: values.get('stop_timeout') ?? actionMsDefault,
    probeMs: values.get('check_timeout') ?? probeMsDefault,
    place: {file: line.file, line: line.line},
  };
}
