/**
 * `[fence#NODE]` of cluster.conf: how the others switch that node off. Every key that is not ours
 * is a parameter of the agent, as its metadata names it.
 */

import {nodeName, type NodeName} from '../kernel/ids.ts';
import {quote, type Report} from './findings.ts';
import {unquote, type IniEntry, type IniSection} from './ini.ts';
import type {KeyTable} from './key-spec.ts';
import {fenceLevelsMax} from './limits.ts';
import {nearest} from './nearest.ts';
import {readSection, type Section} from './section.ts';
import type {FenceConfig, FenceMethod} from './types.ts';
import {isPath} from './value.ts';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;

export const fenceKeys = {
  agent: {type: 'word', fallback: '-'},
  password_file: {type: 'path', fallback: '-'},
  command: {type: 'command', fallback: '-'},
  status: {type: 'command', fallback: '-'},
  verify: {type: 'choice', choices: ['status', 'exit'], fallback: '`status`'},
  action: {type: 'choice', choices: ['off', 'reboot'], fallback: '`off`'},
  timeout: {type: 'duration', minMs: secondMs, maxMs: 10 * minuteMs, fallback: '20s'},
  retries: {type: 'integer', min: 0, max: 5, fallback: '1'},
  delay: {
    type: 'duration',
    minMs: 0,
    maxMs: 10 * minuteMs,
    fallback: '`timeout` of the others + beat + delay + stall',
  },
} as const satisfies KeyTable;

const timeoutMsDefault = 20 * secondMs;
const retriesDefault = 1;
/** Said by us in every call; as a parameter they would contradict it. */
const reserved = new Set(['option']);

/** By node, then by level: the order in which they are tried. */
export function readFences(
  sections: readonly IniSection[],
  nodes: readonly string[],
  report: Report,
): readonly FenceConfig[] {
  const fences: FenceConfig[] = [];
  for (const section of sections) {
    const target = targetOf(section, nodes, report);
    const method = target === null ? null : readOne(section, target, report);
    if (method === null) continue;
    if (fences.some((one) => one.node === method.node && one.level === method.level)) {
      const message = `expected one section of level ${method.level} for ${method.node}`;
      report('HA_CONF_DUPLICATE_SECTION', section, `${message}, found another one`);
    } else fences.push(method);
  }
  const order = (one: FenceConfig): number => nodes.indexOf(one.node) * 100 + one.level;
  return fences.sort((left, right) => order(left) - order(right));
}

interface Target {
  readonly node: NodeName;
  readonly level: number;
}

/** `node1`, `node1.2`. Names of nodes may hold dots, so the whole is tried first. */
function targetOf(section: IniSection, nodes: readonly string[], report: Report): Target | null {
  const id = section.name.slice(section.name.indexOf('#') + 1);
  if (nodes.includes(id)) return {node: nodeName(id), level: 1};
  const [, base = id, digits = '1'] = /^(.*)\.(\d{1,3})$/.exec(id) ?? [];
  const level = Number(digits);
  if (!nodes.includes(base)) {
    const near = nearest(id, nodes);
    const hint = near === null ? `The nodes are: ${nodes.join(' ')}.` : `Did you mean "${near}"?`;
    const message = `[${section.name}] expected a node of the cluster, found ${quote(id)}`;
    report('HA_CONF_UNKNOWN_NODE', section, message, hint);
    return null;
  }
  if (level >= 1 && level <= fenceLevelsMax) return {node: nodeName(base), level};
  const message = `[${section.name}] expected a level of 1 to ${fenceLevelsMax}, found ${level}`;
  report('HA_CONF_OUT_OF_RANGE', section, message, `Write [fence#${base}.${fenceLevelsMax}].`);
  return null;
}

function readOne(section: IniSection, target: Target, report: Report): FenceConfig | null {
  const ours = section.entries.filter(({key}) => Object.hasOwn(fenceKeys, key));
  const theirs = section.entries.filter(({key}) => !Object.hasOwn(fenceKeys, key));
  const values = readSection({...section, entries: ours}, fenceKeys, {report, nodes: []});
  const method = methodOf(values, theirs, report);
  if (method === null) return null;
  return {
    ...target,
    method,
    action: values.get('action') ?? 'off',
    timeoutMs: values.get('timeout') ?? timeoutMsDefault,
    retries: values.get('retries') ?? retriesDefault,
    delayMs: values.get('delay'),
    place: {file: section.file, line: section.line},
  };
}

type FenceSection = Section<typeof fenceKeys>;

function methodOf(
  values: FenceSection,
  entries: readonly IniEntry[],
  report: Report,
): FenceMethod | null {
  const isAgent = values.has('agent');
  if (isAgent === values.has('command')) {
    const found = isAgent ? 'both' : 'neither';
    report('HA_CONF_FENCE_METHOD', values.place, `expected agent or command, found ${found}`);
    return null;
  }
  return isAgent ? agentOf(values, entries, report) : commandOf(values, entries, report);
}

function agentOf(
  values: FenceSection,
  entries: readonly IniEntry[],
  report: Report,
): FenceMethod | null {
  refuseKeys(values, ['status', 'verify'], report);
  const agent = values.get('agent');
  const parameters = readParameters(entries, report);
  if (agent === null) return null;
  if (!/^fence_\w+$/.test(agent) && !isPath(agent)) {
    const message = `agent expected a name as fence_ipmilan or a path, found ${quote(agent)}`;
    const hint = 'Write the name of an agent of the package fence-agents, or the path of yours.';
    report('HA_CONF_BAD_VALUE', values.placeOf('agent'), message, hint);
    return null;
  }
  return {kind: 'agent', agent, parameters, passwordFile: values.get('password_file')};
}

function commandOf(
  values: FenceSection,
  entries: readonly IniEntry[],
  report: Report,
): FenceMethod | null {
  refuseKeys(values, ['action', 'password_file'], report);
  const [extra] = entries;
  if (extra !== undefined) {
    const known = Object.keys(fenceKeys).join(', ');
    const message = `unknown key ${quote(extra.key)}: a command has no parameters`;
    report('HA_CONF_UNKNOWN_KEY', extra, message, `The keys here are: ${known}.`);
  }
  const off = values.get('command');
  const status = values.get('status');
  const trustsExit = values.get('verify') === 'exit';
  if (trustsExit) refuseKeys(values, ['status'], report);
  if (status === null && !trustsExit && !values.has('status')) {
    report('HA_CONF_FENCE_NO_STATUS', values.place, 'expected status beside command, found none');
    return null;
  }
  if (trustsExit) {
    const message = 'expected verify = status, found exit: the word of the command is the proof';
    report('HA_CONF_FENCE_UNVERIFIED', values.placeOf('verify'), message);
  }
  return off === null ? null : {kind: 'command', off, status: trustsExit ? null : status};
}

function refuseKeys(
  values: FenceSection,
  keys: readonly (keyof typeof fenceKeys)[],
  report: Report,
): void {
  for (const key of keys) {
    if (!values.has(key)) continue;
    const other = values.has('agent') ? 'agent' : key === 'status' ? 'verify = exit' : 'command';
    const message = `${key} expected in a section without ${other}, found beside it`;
    report('HA_CONF_FENCE_METHOD', values.placeOf(key), message, `Remove ${key}.`);
  }
}

function readParameters(entries: readonly IniEntry[], report: Report): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const entry of entries) {
    const {key, scope} = entry;
    if (scope !== null) {
      const message = `${key} expected one value for all nodes, found ${quote(`${key}@${scope}`)}`;
      report('HA_CONF_NOT_SCOPABLE', entry, message);
    } else if (reserved.has(key)) {
      report('HA_CONF_FENCE_METHOD', entry, `${key} is said by us`, `Remove ${key}.`);
    } else parameters.set(key, unquote(entry.raw));
  }
  return parameters;
}
