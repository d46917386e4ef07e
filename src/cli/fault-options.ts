/**
 * The faults of `ha simulate` as an operator types them: `TARGET[/NODE][=DURATION][@TIME]`. Without
 * a duration a fault lasts; without a time it comes at once.
 */

import {nearest} from '../config/nearest.ts';
import type {ClusterConfig} from '../config/types.ts';
import {parseDuration} from '../kernel/duration.ts';
import {err, ok} from '../kernel/result.ts';
import type {Result} from '../kernel/result.ts';
import type {Action} from '../sim/actions.ts';
import type {TimedAction} from '../sim/schedule.ts';
import type {Flags} from './parse.ts';

/** The names of the options, and what each of them names. */
export const faultOptions = {
  'kill': 'node',
  'power-off': 'node',
  'pause': 'node',
  'cut': 'link',
  'disk-fail': 'disk',
  'arbiter-fail': 'node',
  'stop-fail': 'service',
  'start-fail': 'service',
} as const;
export type FaultOption = keyof typeof faultOptions;

const faultsMax = 32;
/** A day of virtual time is a typing error. */
const timeMsMax = 86_400_000;
/** Every link, or every node. */
const all = 'all';

interface Target {
  readonly id: string;
  readonly node: string;
}

/** In order of time; null: none was typed. The error is a sentence. */
export function readFaults(
  flags: Flags,
  config: ClusterConfig,
): Result<readonly TimedAction[] | null, string> {
  const actions: TimedAction[] = [];
  let count = 0;
  for (const option of Object.keys(faultOptions) as FaultOption[]) {
    const values = flags[option];
    for (const text of Array.isArray(values) ? (values as readonly string[]) : []) {
      count += 1;
      if (count > faultsMax) return err(`expected at most ${faultsMax} faults, found more`);
      const read = readFault(option, text, config);
      if (!read.ok) return err(`--${option} ${read.error}`);
      actions.push(...read.value);
    }
  }
  if (count === 0) return ok(null);
  return ok(actions.sort((left, right) => left.atMs - right.atMs));
}

export function hasFaults(flags: Flags): boolean {
  return Object.keys(faultOptions).some((option) => flags[option] !== undefined);
}

function readFault(
  option: FaultOption,
  text: string,
  config: ClusterConfig,
): Result<readonly TimedAction[], string> {
  // Names of links hold #, those of devices / and maybe = or @: the last ones count.
  const [, rest = '', at] = /^(.*?)(?:@([^@/]*))?$/s.exec(text) ?? [];
  const [, target = '', lasts] = /^(.*?)(?:=([^=/]*))?$/s.exec(rest) ?? [];
  const atMs = at === undefined ? 0 : parseDuration(at);
  const forMs = lasts === undefined ? null : parseDuration(lasts);
  if (atMs === null || atMs > timeMsMax) return err(`expected a time as @30s, found "@${at}"`);
  if (lasts !== undefined && (forMs === null || forMs > timeMsMax)) {
    return err(`expected a duration as =30s, found "=${lasts}"`);
  }
  const found = readTarget(faultOptions[option], target, config);
  if (!found.ok) return found;
  const [begin, end] = actionsOf(option, found.value, config.nodes);
  const first = begin.map((action): TimedAction => ({atMs, action}));
  if (forMs === null) return ok(first);
  return ok([...first, ...end.map((action): TimedAction => ({atMs: atMs + forMs, action}))]);
}

/** `hb#1`, `hb#1/node2`, a device, a node, a service. */
function readTarget(
  kind: (typeof faultOptions)[FaultOption],
  text: string,
  config: ClusterConfig,
): Result<Target, string> {
  const {nodes, links, disks, services} = config;
  const names: readonly string[] = {
    node: nodes,
    link: [...links.map(({id}) => id), all],
    disk: disks.flatMap(({id, device}) => [id, ...device.values()]),
    service: services.map(({name}) => name),
  }[kind];
  if (names.includes(text)) return ok({id: diskIdOf(text, config), node: '*'});
  const slash = text.lastIndexOf('/');
  const [base, node] = slash < 0 ? [text, ''] : [text.slice(0, slash), text.slice(slash + 1)];
  const isBase = kind !== 'node' && names.includes(base);
  if (isBase && nodes.some((name) => name === node)) {
    return ok({id: diskIdOf(base, config), node});
  }
  return err(isBase ? unknown('node', node, nodes) : unknown(kind, text, names));
}

function diskIdOf(text: string, {disks}: ClusterConfig): string {
  const disk = disks.find(({id, device}) => id === text || [...device.values()].includes(text));
  return disk?.id ?? text;
}

function unknown(kind: string, text: string, names: readonly string[]): string {
  const known = [...new Set(names)];
  if (known.length === 0) return `expected a ${kind}, and none is configured`;
  const near = nearest(text, known);
  const help = near === null ? `Known: ${known.join(', ')}` : `Did you mean "${near}"?`;
  return `expected a ${kind} of this configuration, found "${text}". ${help}`;
}

/** What begins the fault, and what ends it. */
function actionsOf(
  option: FaultOption,
  {id, node}: Target,
  nodes: readonly string[],
): readonly [readonly Action[], readonly Action[]] {
  const where = node === '*' ? nodes : [node];
  switch (option) {
    case 'kill':
      return [[{verb: 'kill-daemon', node: id}], [{verb: 'start-daemon', node: id}]];
    case 'power-off':
      return [[{verb: 'crash', node: id}], [{verb: 'boot', node: id}]];
    case 'pause':
      return [[{verb: 'pause', node: id}], [{verb: 'resume', node: id}]];
    case 'arbiter-fail':
      return [[{verb: 'etcd', node: id, mode: 'hang'}], [{verb: 'etcd', node: id, mode: 'ok'}]];
    case 'cut': {
      const link = id === all ? '*' : id;
      const ways =
        node === '*'
          ? [['*', '*']]
          : [
              [node, '*'],
              ['*', node],
            ];
      const each = (verb: 'cut' | 'heal'): Action[] =>
        ways.map(([from = '*', to = '*']) => ({verb, link, from, to}));
      return [each('cut'), each('heal')];
    }
    case 'disk-fail': {
      const each = (mode: 'eio' | 'ok'): Action[] =>
        where.map((one) => ({verb: 'disk', disk: id, node: one, mode}));
      return [each('eio'), each('ok')];
    }
    case 'stop-fail':
    case 'start-fail': {
      const action = option === 'stop-fail' ? 'stop' : 'start';
      const each = (mode: 'fail' | 'ok'): Action[] =>
        where.map((one) => ({verb: 'script', node: one, service: id, action, mode}));
      return [each('fail'), each('ok')];
    }
  }
}
