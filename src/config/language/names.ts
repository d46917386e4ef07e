/** The names in braces that stand for something outside of the file: `{nodename}`, `{svcname}`. */

import type {IniSection} from '../ini.ts';

export interface Surroundings {
  readonly service: string;
  readonly cluster: string;
  readonly clusterNodes: readonly string[];
  /** Configuration directory. */
  readonly directory: string;
}

/** Names that OpenSVC has and this version has nothing for. */
export const absentNames: readonly string[] = [
  'clusterdrpnodes',
  'clusterid',
  'collector_api',
  'dns',
  'dnsnodes',
  'dnsuxsock',
  'dnsuxsockd',
  'initd',
  'nodemgr',
  'private_var',
  'scaler_name',
  'svcmgr',
  'var',
];

const perNode = ['nodename', 'short_nodename'];

/** Of all names; the test of the page goes over them. */
export const knownNames: readonly string[] = [
  ...perNode,
  'clustername',
  'clusternodes',
  'domain',
  'etc',
  'fqdn',
  'kind',
  'name',
  'namespace',
  'path',
  'rid',
  'rindex',
  'short_name',
  'svcname',
  'svcpath',
];

/** True where a name is one value per node: a key that is the same on all can not hold it. */
export function differsByNode(name: string): boolean {
  return perNode.includes(name);
}

export interface Where {
  readonly section: string;
  /** null: evaluated for all nodes at once. */
  readonly node: string | null;
}

/** null: no such name, or not here: `{rid}` in [DEFAULT]. */
export function namedValue(
  name: string,
  around: Surroundings,
  {section, node}: Where,
): string | null {
  const short = (text: string): string => text.split('.')[0]!;
  const domain = `root.svc.${around.cluster}`;
  const [family = '', index = null] = section.split('#');
  switch (name) {
    case 'nodename':
      return node;
    case 'short_nodename':
      return node === null ? null : short(node);
    case 'clustername':
      return around.cluster;
    case 'clusternodes':
      return around.clusterNodes.join(' ');
    case 'domain':
      return domain;
    case 'etc':
      return around.directory;
    case 'fqdn':
      return `${around.service}.${domain}`;
    case 'kind':
      return 'svc';
    case 'name':
    case 'path':
    case 'svcname':
    case 'svcpath':
      return around.service;
    case 'namespace':
      return 'root';
    case 'rid':
      return index === null && family !== 'app' ? null : section;
    case 'rindex':
      return index;
    case 'short_name':
      return short(around.service);
    default:
      return null;
  }
}

/** `[cluster]` of cluster.conf, as far as a service may ask for it. */
export function clusterValue(key: string, around: Surroundings): string | null {
  if (key === 'name' || key === 'cluster.name') return around.cluster;
  return key === 'nodes' || key === 'cluster.nodes' ? around.clusterNodes.join(' ') : null;
}

/** Of a name with a dot: the longest section that there is, and the key behind it. */
export function splitName(
  name: string,
  sections: ReadonlyMap<string, IniSection>,
): readonly [string, string] | null {
  for (let at = name.lastIndexOf('.'); at > 0; at = name.lastIndexOf('.', at - 1)) {
    const section = name.slice(0, at);
    if (sections.has(section)) return [section, name.slice(at + 1)];
  }
  return null;
}
