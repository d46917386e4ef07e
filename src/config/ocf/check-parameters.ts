/** Parameters of a resource against what its agent says that it takes. */

import {nearest} from '../nearest.ts';
import {ocfTimeMs, type OcfMetadata, type OcfParameter} from './metadata.ts';

export type ParameterFault =
  /** `near`: the known name that was probably meant. */
  | {readonly type: 'unknown'; readonly name: string; readonly near: string | null}
  | {readonly type: 'missing'; readonly name: string; readonly short: string}
  | {readonly type: 'value'; readonly name: string; readonly expected: string}
  | {readonly type: 'deprecated'; readonly name: string};

/** In the order of what was given, then what is missing. */
export function checkParameters(
  metadata: OcfMetadata,
  given: ReadonlyMap<string, string>,
): readonly ParameterFault[] {
  const known = new Map(metadata.parameters.map((parameter) => [parameter.name, parameter]));
  const faults: ParameterFault[] = [];
  for (const [name, value] of given) {
    const parameter = known.get(name);
    if (parameter === undefined) {
      faults.push({type: 'unknown', name, near: nearest(name, known.keys())});
      continue;
    }
    const expected = expectedOf(parameter, value);
    if (expected !== null) faults.push({type: 'value', name, expected});
    if (parameter.deprecated) faults.push({type: 'deprecated', name});
  }
  for (const {name, required, short, default: own} of metadata.parameters) {
    // Some agents call required what they have a default for: it is there then.
    if (!required || given.has(name) || (own !== null && own !== '')) continue;
    faults.push({type: 'missing', name, short});
  }
  return faults;
}

/** Null where the value is of the type; types of agents' own invention take anything. */
function expectedOf({type, options}: OcfParameter, value: string): string | null {
  if (type === 'integer') return /^-?\d+$/.test(value) ? null : 'a whole number';
  if (type === 'boolean') {
    const isOne = /^(?:0|1|y|n|yes|no|t|f|true|false|on|off|ja)$/i.test(value);
    return isOne ? null : 'true or false';
  }
  if (type === 'select' && options.length > 0) {
    return options.includes(value) ? null : `one of ${options.join(', ')}`;
  }
  if (type === 'time' || type === 'second' || type === 'duration') {
    return ocfTimeMs(value) === null ? 'a time such as 20s' : null;
  }
  return null;
}

/**
 * Names as the agent writes them, for keys of a file that knows no upper case. What the agent does
 * not know stays as it is.
 */
export function withOwnCase(
  metadata: OcfMetadata,
  given: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const names = metadata.parameters.map(({name}) => name);
  const own = new Map(names.map((name) => [name.toLowerCase(), name]));
  return new Map(
    [...given].map(([name, value]) => [
      names.includes(name) ? name : (own.get(name.toLowerCase()) ?? name),
      value,
    ]),
  );
}
