/**
 * `[arbitrator#1]` of cluster.conf: a third party that all nodes obey. Its lease binds every node
 * of the cluster, so there is one, and all nodes must name the same.
 */

import {nodeName, type NodeName} from '../kernel/ids.ts';
import {quote, type Report} from './findings.ts';
import type {IniSection} from './ini.ts';
import type {KeyTable} from './key-spec.ts';
import {readSection, type Section} from './section.ts';
import type {ArbiterConfig, ArbiterFiles, HostFacts, Place} from './types.ts';

const secondMs = 1_000;
const minuteMs = 60_000;

export const arbitratorKeys = {
  type: {type: 'choice', choices: ['etcd'], fallback: '-'},
  endpoints: {type: 'urls', fallback: '-'},
  prefix: {type: 'path', fallback: '/understudy'},
  ttl: {
    type: 'duration',
    minMs: 2 * secondMs,
    maxMs: 10 * minuteMs,
    fallback: '10s, fast 5s',
  },
  timeout: {type: 'duration', minMs: 100, maxMs: minuteMs, fallback: '`ttl` / 8'},
  ca_file: {type: 'path', fallback: 'the authorities of the system', scoped: true},
  cert_file: {type: 'path', fallback: '-', scoped: true},
  key_file: {type: 'path', fallback: '-', scoped: true},
  user: {type: 'word', fallback: '-', scoped: true},
  password_file: {type: 'path', fallback: '-', scoped: true},
} as const satisfies KeyTable;

/** Renewals per lease: two may fail before a stop of half a lease has to begin. */
const renewalsPerLease = 4;
const endpointsMax = 9;
const prefixDefault = '/understudy';

export interface ArbitratorScope {
  readonly nodes: readonly string[];
  readonly report: Report;
  /** Lease of the profile, ms. */
  readonly ttlMs: number;
}

/** The arbiter of the cluster, or null where none is named or the section is of no use. */
export function readArbitrator(
  sections: readonly IniSection[],
  scope: ArbitratorScope,
): ArbiterConfig | null {
  const {report, nodes} = scope;
  const [first, second] = sections;
  if (first === undefined) return null;
  if (second !== undefined) {
    const message = `expected one arbitrator, found ${quote(`[${second.name}]`)} as well`;
    report('HA_CONF_TOO_MANY', second, message, 'Keep one: every node must obey the same.');
  }
  if (!/^arbitrator#[1-9]\d{0,2}$/.test(first.name)) {
    const message = `expected [arbitrator#1], found ${quote(`[${first.name}]`)}`;
    report('HA_CONF_BAD_VALUE', first, message, 'Write [arbitrator#1].');
  }
  const values = readSection(first, arbitratorKeys, {report, nodes});
  for (const key of ['type', 'endpoints'] as const) {
    if (values.has(key)) continue;
    const message = `[${first.name}] expected the key ${key}, found none`;
    const hint =
      key === 'type' ? 'Write type = etcd.' : 'Write endpoints = https://192.0.2.1:2379 ...';
    report('HA_CONF_MISSING_KEY', first, message, hint);
  }
  const endpoints = values.get('endpoints') ?? [];
  checkEndpoints(endpoints, values.placeOf('endpoints'), report);
  const ttlMs = values.get('ttl') ?? scope.ttlMs;
  return {
    id: first.name,
    kind: 'etcd',
    endpoints,
    prefix: (values.get('prefix') ?? prefixDefault).replace(/\/+$/, ''),
    ttlMs,
    renewMs: Math.floor(ttlMs / renewalsPerLease),
    timeoutMs: values.get('timeout') ?? Math.floor(ttlMs / (2 * renewalsPerLease)),
    files: new Map(nodes.map((node) => [nodeName(node), filesOf(values, node, report)])),
    place: values.place,
  };
}

function checkEndpoints(endpoints: readonly string[], place: Place, report: Report): void {
  if (endpoints.length > endpointsMax) {
    const message = `endpoints expected at most ${endpointsMax}, found ${endpoints.length}`;
    report('HA_CONF_TOO_MANY', place, message, 'Name one address of each member.');
  }
  const plain = endpoints.filter((url) => url.startsWith('http:'));
  if (plain.length > 0) {
    const message = `expected https, found ${quote(plain[0]!)}`;
    report('HA_CONF_ARBITER_PLAIN', place, message);
  }
  if (endpoints.length > 0 && endpoints.length < 3) {
    const message = `expected three members or more, found ${endpoints.length}`;
    report('HA_CONF_ARBITER_FEW', place, message);
  }
}

function filesOf(
  values: Section<typeof arbitratorKeys>,
  node: string,
  report: Report,
): ArbiterFiles {
  const files = {
    ca: values.get('ca_file', node),
    cert: values.get('cert_file', node),
    key: values.get('key_file', node),
    user: values.get('user', node),
    password: values.get('password_file', node),
  };
  const pairs = [
    ['cert_file', 'key_file', files.cert, files.key],
    ['user', 'password_file', files.user, files.password],
  ] as const;
  for (const [left, right, one, other] of pairs) {
    if ((one === null) === (other === null)) continue;
    const [found, missing] = one === null ? [right, left] : [left, right];
    const message = `${found} expected ${missing} beside it, found none`;
    report('HA_CONF_MISSING_KEY', values.placeOf(found, node), message, `Write ${missing} = ...`);
  }
  return files;
}

/** The paths of credentials that a node reads. */
export function credentialPaths(
  arbiter: ArbiterConfig | null,
  node: NodeName,
): readonly {readonly path: string; readonly isSecret: boolean}[] {
  const files = arbiter?.files.get(node);
  if (files === undefined) return [];
  const all = [
    {path: files.ca, isSecret: false},
    {path: files.cert, isSecret: false},
    {path: files.key, isSecret: true},
    {path: files.password, isSecret: true},
  ];
  return all.flatMap(({path, isSecret}) => (path === null ? [] : [{path, isSecret}]));
}

/** The credentials as this host has them. What was not looked at is not judged. */
export function checkArbiterHost(
  arbiter: ArbiterConfig | null,
  own: NodeName,
  {facts, report}: {readonly facts: HostFacts; readonly report: Report},
): void {
  if (arbiter === null || facts.credentials === undefined) return;
  for (const {path, isSecret} of credentialPaths(arbiter, own)) {
    const fact = facts.credentials.get(path);
    if (fact === undefined) continue;
    if (fact === null) {
      const message = `expected a file that can be read at ${path}, found none`;
      report('HA_CONF_ARBITER_FILE', arbiter.place, message);
    } else if (isSecret && (fact.mode & 0o077) !== 0) {
      const found = (fact.mode & 0o777).toString(8).padStart(4, '0');
      const message = `expected mode 0600 of ${path}, found ${found}`;
      report('HA_CONF_ARBITER_SECRET', arbiter.place, message, `Type "chmod 600 ${path}".`);
    }
  }
}
