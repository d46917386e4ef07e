/**
 * `[ocf#N]`: a resource that an agent of the Open Cluster Framework looks after. Its parameters are
 * keys of the section, in the case of the agent; what we call by the same name goes into `params`.
 */

import {quote} from '../findings.ts';
import {unquote, type IniEntry, type IniSection} from '../ini.ts';
import {isSecretName} from '../../kernel/secret-names.ts';
import {resourceId} from '../../kernel/ids.ts';
import type {KeyTable} from '../key-spec.ts';
import {isResourceKey, resourceKeyFate} from '../known-keys.ts';
import {readSection, type SectionContext} from '../section.ts';
import {splitWords} from '../words.ts';
import {readBase, type ResourceBase} from './base.ts';
import {sharedKeys} from './common-keys.ts';
import type {OpenSection, ReadOptions, ResourceKind} from './kind.ts';
import {valuesOn, type Values} from './values.ts';

export interface OcfResource extends ResourceBase {
  readonly type: 'app.ocf';
  /** Folder of the agent below `resource.d`, such as `heartbeat`. */
  readonly provider: string;
  /** File name of the agent, such as `IPaddr2`. */
  readonly agent: string;
  /** Given to the agent as OCF_RESKEY_NAME. Secrets among them are shown nowhere. */
  readonly parameters: ReadonlyMap<string, string>;
  /** OCF_CHECK_LEVEL of its monitor: 0 is the cheapest look. */
  readonly checkLevel: number;
  /** An agent that can be promoted is run all the same, and never promoted. */
  readonly unpromoted: boolean;
}

export const ocfKeys = {
  type: {type: 'word', fallback: '-', scoped: true},
  params: {type: 'text', fallback: 'the other keys', scoped: true, ownOnly: true},
  check_level: {type: 'integer', min: 0, max: 100, fallback: '0', scoped: true},
  unpromoted: {type: 'boolean', fallback: 'no'},
} as const satisfies KeyTable;

const parameterKey = {type: 'text', fallback: '-', scoped: true, ownOnly: true} as const;
const ownKeys = {...ocfKeys, ...sharedKeys};
type OcfValues = Values<typeof ownKeys>;

/** More than the agent with the most parameters has. */
const parametersMax = 256;

/** Agents of addresses, programs and tests: with any other, the service may hold data. */
const harmlessAgents = [
  'apache',
  'Delay',
  'Dummy',
  'ethmonitor',
  'haproxy',
  'ifspeed',
  'IPaddr',
  'IPaddr2',
  'IPsrcaddr',
  'IPv6addr',
  'MailTo',
  'nginx',
  'ping',
  'pingd',
  'portblock',
  'Route',
  'SendArp',
  'Squid',
  'varnish',
];

export const ocfKind: ResourceKind<OcfResource> = {
  type: 'app.ocf',
  sections: [{section: 'ocf', types: 'any'}],
  holdsData: (section) =>
    section.entries
      .filter(({key}) => key === 'type')
      .some(({raw}) => !harmlessAgents.includes(unquote(raw).split(':').at(-1) ?? '')),
  keys: ocfKeys,
  open: openOcf,
  needs: ({provider, agent}) => ({agents: [`${provider}/${agent}`]}),
  digest: ({provider, agent, parameters}) => [
    `${provider}:${agent}`,
    ...[...parameters]
      .filter(([name]) => !isSecretName(name))
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .sort(),
  ],
};

function openOcf(section: IniSection, context: SectionContext): OpenSection<OcfResource> {
  const own = section.entries.filter((entry) => isParameter(entry));
  const parameters = Object.fromEntries(own.map(({key}) => [key, parameterKey]));
  const names = new Map(own.map(({key, written}) => [key, written ?? key]));
  const keys = {...parameters, ...ownKeys};
  const read = readSection<KeyTable>(section, keys, {...context, fate: resourceKeyFate});
  return (options) => {
    const all = valuesOn(section.name, read, options.node);
    const values = all as unknown as OcfValues;
    const agent = agentOf(values, options);
    const params = paramsOf(values, options);
    if (agent === null || params === null) return null;
    const given = [...names].flatMap(([key, name]) => {
      const value = all.get(key);
      return typeof value === 'string' ? [[name, value] as const] : [];
    });
    const together = new Map([...given, ...params]);
    if (together.size > parametersMax) {
      const message = `[${section.name}] expected at most ${parametersMax} parameters`;
      options.report('HA_CONF_TOO_MANY', values.place, message);
      return null;
    }
    const resource: OcfResource = {
      ...readBase(resourceId(section.name), values, options),
      type: 'app.ocf',
      ...agent,
      parameters: together,
      checkLevel: values.get('check_level') ?? 0,
      unpromoted: values.get('unpromoted') ?? false,
    };
    return {resource, startOrder: null, stopOrder: null};
  };
}

/** Whatever is none of our keys, also none that we know and do not act on. */
function isParameter({key}: IniEntry): boolean {
  return !Object.hasOwn(ownKeys, key) && !isResourceKey(key);
}

/** `ocf:heartbeat:IPaddr2`, without `ocf:`, or the name of an agent of `heartbeat`. */
function agentOf(
  values: OcfValues,
  options: ReadOptions,
): Pick<OcfResource, 'provider' | 'agent'> | null {
  const text = values.get('type');
  if (text === null) {
    if (values.has('type')) return null;
    const message = `[${values.name}] expected the key type, found none`;
    options.report('HA_CONF_MISSING_KEY', values.place, message, 'Write type = heartbeat:IPaddr2.');
    return null;
  }
  const match = /^(?:ocf:)?(?:([A-Za-z0-9_][\w.-]*):)?([A-Za-z0-9_][\w.-]*)$/.exec(text);
  if (match !== null && text !== 'ocf') {
    return {provider: match[1] ?? 'heartbeat', agent: match[2] ?? ''};
  }
  const message = `type expected an agent such as ocf:heartbeat:IPaddr2, found ${quote(text)}`;
  options.report('HA_CONF_BAD_VALUE', values.placeOf('type'), message, 'Write PROVIDER:AGENT.');
  return null;
}

/** `params = ip=10.0.0.9 nic=eth0`, as the crm shell has it; null where it was reported. */
function paramsOf(values: OcfValues, {report}: ReadOptions): ReadonlyMap<string, string> | null {
  const text = values.get('params');
  if (text === null) return values.has('params') ? null : new Map();
  const words = splitWords(text);
  const pairs = words.ok ? words.value.map((word) => /^([A-Za-z_][\w-]*)=(.*)$/s.exec(word)) : [];
  if (pairs.length > 0 && pairs.every((pair) => pair !== null)) {
    return new Map(pairs.map((pair) => [pair[1] ?? '', pair[2] ?? '']));
  }
  const message = `params expected NAME=VALUE, separated by blanks, found ${quote(text)}`;
  report(
    'HA_CONF_BAD_VALUE',
    values.placeOf('params'),
    message,
    "Write NAME='A VALUE' with blanks.",
  );
  return null;
}
