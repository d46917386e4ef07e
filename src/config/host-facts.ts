/** Facts for configurations that are not read from this host: simulations, tests, previews. */

import type {HostFacts} from './types.ts';

/** A host of which nothing is known: no device, interface or script of it is judged. */
export function unknownHost(nodeName: string): HostFacts {
  return {
    nodeName,
    secret: {mode: 0o600, bytes: 64, isLink: false},
    devices: new Map(),
    interfaces: null,
    scripts: new Map(),
  };
}

const keyIdMax = 0xffff;
const keysMax = 2;

/**
 * True for what the daemon reads as secret.key: one or two lines of a key id and 64 hexadecimal
 * digits, and comments. It reads the file itself; this is so that a check does not promise too
 * much.
 */
export function isKeyText(text: string): boolean {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const ids = lines.map((line) => Number(/^(\d{1,5}) [0-9a-fA-F]{64}$/.exec(line)?.[1] ?? '0'));
  const inRange = ids.every((id) => id >= 1 && id <= keyIdMax);
  return inRange && ids.length >= 1 && ids.length <= keysMax && new Set(ids).size === ids.length;
}

/** True for keys that were typed or printed somewhere instead of drawn by chance. */
export function isSampleKey(text: string): boolean {
  const material = text
    .split(/\r?\n/)
    .filter((line) => !/^\s*#/.test(line))
    .join('')
    .replaceAll(/\s/g, '');
  if (/change.?me|example|sample|secret|password|your.?key|0123456789abcdef/i.test(material)) {
    return true;
  }
  return new Set(material).size < 8;
}
