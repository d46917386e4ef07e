/** `[ip#N]`: an address of the service on an interface of the node that runs it. */

import {parseAddress, prefixOfMask, type IpAddress} from '../../kernel/ip-address.ts';
import {quote} from '../findings.ts';
import type {KeyTable} from '../key-spec.ts';
import type {commonKeys, ResourceBase} from './base.ts';
import {defineKind, type ReadOptions, type ResourceDraft} from './kind.ts';
import type {Values} from './values.ts';

export interface IpResource extends ResourceBase {
  readonly type: 'ip';
  /** As written: an address or a name. */
  readonly name: string;
  /** The address where `name` is one; null: to be resolved on the host. */
  readonly address: IpAddress | null;
  /** Interface without alias: `eth0`. */
  readonly device: string;
  /** `eth0:1`, where it was written so, or null. */
  readonly label: string | null;
  /** Length of the network part; null: that of the network of the interface it falls into. */
  readonly prefix: number | null;
  /** An interface without carrier refuses the start. */
  readonly checkCarrier: boolean;
}

export const ipKeys = {
  type: {type: 'choice', choices: ['host'], fallback: '`host`'},
  ipname: {type: 'word', fallback: '-', scoped: true},
  ipdev: {type: 'word', fallback: '-', scoped: true},
  netmask: {type: 'word', fallback: 'that of the network of `ipdev`', scoped: true},
  check_carrier: {type: 'boolean', fallback: 'yes', scoped: true},
} as const satisfies KeyTable;

type IpValues = Values<typeof ipKeys & typeof commonKeys>;

/** IFNAMSIZ of Linux and FreeBSD, without the NUL. */
const deviceCharsMax = 15;

export const ipKind = defineKind<IpResource, typeof ipKeys>({
  type: 'ip',
  sections: [{section: 'ip', types: 'any'}],
  holdsData: false,
  keys: ipKeys,
  read: readIp,
  needs: (_, {facts}) => ({programs: [facts.platform === 'freebsd' ? 'ifconfig' : 'ip', 'ping']}),
  // Not the interface: it may be called otherwise on the other node.
  digest: ({name, prefix}) => [name, prefix ?? '-'],
});

function readIp(
  values: IpValues,
  base: ResourceBase,
  options: ReadOptions,
): ResourceDraft<IpResource> | null {
  const name = required(values, 'ipname', options);
  const written = required(values, 'ipdev', options);
  if (name === null || written === null) return null;
  const address = parseAddress(name);
  if (address === null && !isHostName(name)) {
    refuse({values, key: 'ipname', expected: 'an address or a host name', found: name}, options);
    return null;
  }
  const [device = '', alias] = written.split(':');
  const isName = /^[A-Za-z0-9][A-Za-z0-9._@-]*(?::[A-Za-z0-9]+)?$/.test(written);
  if (!isName || written.length > deviceCharsMax || written.includes('@')) {
    refuse({values, key: 'ipdev', expected: 'the name of an interface', found: written}, options);
    return null;
  }
  const prefix = readPrefix(values, address, options);
  if (prefix === 'refused') return null;
  const resource: IpResource = {
    ...base,
    type: 'ip',
    name,
    address,
    device,
    label: alias === undefined ? null : written,
    prefix,
    checkCarrier: values.get('check_carrier') ?? true,
  };
  return {resource, startOrder: null, stopOrder: null};
}

function required(values: IpValues, key: 'ipname' | 'ipdev', {report}: ReadOptions): string | null {
  const value = values.get(key);
  if (value === null && !values.has(key)) {
    const message = `[${values.name}] expected the key ${key}, found none`;
    const example = key === 'ipname' ? '192.0.2.10' : 'eth0';
    report('HA_CONF_MISSING_KEY', values.place, message, `Write ${key} = ${example}.`);
  }
  return value;
}

function readPrefix(
  values: IpValues,
  address: IpAddress | null,
  options: ReadOptions,
): number | null | 'refused' {
  const text = values.get('netmask');
  if (text === null) return values.has('netmask') ? 'refused' : null;
  const prefix = prefixOfMask(text, address?.family ?? (text.includes('.') ? 4 : 6));
  if (prefix !== null) return prefix;
  const expected =
    address?.family === 6
      ? 'the length of an IPv6 prefix, 1 to 128'
      : 'a mask such as 255.255.255.0, or its length';
  refuse({values, key: 'netmask', expected, found: text}, options);
  return 'refused';
}

/** RFC 1123, 2.1: a name never ends in a label of digits alone; that is an address misspelt. */
function isHostName(text: string): boolean {
  if (/(?:^|\.)\d+$/.test(text)) return false;
  return text.length <= 253 && /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(text);
}

function refuse(
  fault: {
    readonly values: IpValues;
    readonly key: keyof typeof ipKeys;
    readonly expected: string;
    readonly found: string;
  },
  {report}: ReadOptions,
): void {
  const {values, key, expected, found} = fault;
  report(
    'HA_CONF_BAD_VALUE',
    values.placeOf(key),
    `${key} expected ${expected}, found ${quote(found)}`,
  );
}
