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
