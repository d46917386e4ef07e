/**
 * `ha config print` without a service: all files merged, every default filled in, in the words of
 * the files where they have one, so that two nodes can be compared line by line and a line be found
 * again in its file.
 */

import type {ClusterConfig, FenceConfig} from '../../config/types.ts';
import {exitCodes} from '../../kernel/exit-codes.ts';
import {formatDuration} from '../../kernel/duration.ts';
import {isSecretName} from '../../kernel/secret-names.ts';
import {printable} from '../../status/text.ts';
import {findingLines} from '../config-lines.ts';
import type {Invocation} from '../invocation.ts';
import {loadConfiguration} from '../load-config.ts';
import {printJson, printLines} from '../print.ts';

export async function printCluster(invocation: Invocation): Promise<number> {
  const {world, paths, flags} = invocation;
  const loaded = await loadConfiguration(paths);
  if (loaded.config === null) {
    const errors = loaded.findings.filter((finding) => finding.severity === 'error');
    printLines({...world, stdout: world.stderr}, findingLines(paths.conf, errors));
    return exitCodes.configuration;
  }
  const shown = withoutSecrets(loaded.config);
  if (flags['json'] === true) printJson(world, plainOf(shown));
  else world.stdout.write(configText(shown));
  return exitCodes.done;
}

/** What is printed is pasted into mails: passwords of fence devices stay in their file. */
function withoutSecrets(whole: ClusterConfig): ClusterConfig {
  const fences = whole.fences.map((fence) => {
    if (fence.method.kind !== 'agent') return fence;
    const parameters = [...fence.method.parameters].map(
      ([name, value]) => [name, isSecretName(name) ? '***' : value] as const,
    );
    return {...fence, method: {...fence.method, parameters: new Map(parameters)}};
  });
  return {...whole, fences};
}

/** Maps become objects; everything else is plain already. */
function plainOf(value: unknown): unknown {
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<string, unknown>)];
    return Object.fromEntries(entries.map(([key, item]) => [key, plainOf(item)]));
  }
  if (Array.isArray(value)) return value.map(plainOf);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainOf(item)]));
}

/** A section for the cluster, each heartbeat, each service and each of its resources. */
function configText({links, disks, services, fences, ...cluster}: ClusterConfig): string {
  return [
    sectionText('cluster', cluster),
    ...links.map((link) => sectionText(link.id, link)),
    ...disks.map((disk) => sectionText(disk.id, {kind: 'disk', ...disk})),
    ...fences.map(fenceText),
    ...services.flatMap(({name, resources, ...service}) => [
      sectionText(`service#${name}`, service),
      ...resources.map((resource) => sectionText(`service#${name} ${resource.rid}`, resource)),
    ]),
  ].join('\n');
}

/** One key per parameter, as in the file. */
function fenceText({node, level, method, ...limits}: FenceConfig): string {
  const title = level === 1 ? `fence#${node}` : `fence#${node}.${level}`;
  const own =
    method.kind === 'agent'
      ? {
          agent: method.agent,
          ...Object.fromEntries(method.parameters),
          passwordFile: method.passwordFile,
        }
      : {
          command: method.off.join(' '),
          status: method.status?.join(' ') ?? null,
          ...(method.status === null ? {verify: 'exit'} : {}),
        };
  return sectionText(title, {...own, ...limits});
}

function sectionText(title: string, section: object): string {
  return [`[${title}]`, ...lines(section, '')].map((line) => `${printable(line)}\n`).join('');
}

/** Where a value was written is for findings; an id is the title of its section. */
const hiddenKeys = new Set(['place', 'id', 'rid']);

/** Words of the files that are not those of the code. */
const words: Readonly<Record<string, string>> = {
  kind: 'type',
  serviceClass: 'class',
  slotBlock: 'slot',
  disabled: 'disable',
  requires: 'start_requires',
  holdDownMsMax: 'hold_down',
  startMs: 'start_timeout',
  stopMs: 'stop_timeout',
  probeMs: 'check_timeout',
};

/** `key = value` and `key@node = value`, in the order of the configuration's own fields. */
function lines(section: object, node: string): readonly string[] {
  return Object.entries(section).flatMap(([key, value]: [string, unknown]) => {
    if (hiddenKeys.has(key)) return [];
    if (value instanceof Map) {
      const each = [...(value as ReadonlyMap<string, unknown>)];
      return each.flatMap(([name, item]) =>
        isGroup(item) ? lines(item, `@${name}`) : lines({[key]: item}, `@${name}`),
      );
    }
    if (isGroup(value)) return lines(value, node);
    return [`${wordOf(key)}${node} = ${valueText(key, value)}`];
  });
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The unit stands in the value here, so the name need not say it. */
function wordOf(key: string): string {
  const word = key.replace(/Ms$/, '').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return words[key] ?? word;
}

function valueText(key: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => valueText('', item)).join(' ') || 'none';
  if (value === null || value === '') return 'none';
  if (isCondition(value)) return `${value.rid ?? 'impossible'}(${value.states.join(',')})`;
  if (typeof value === 'number' && /Ms(?:Max)?$/.test(key)) return formatDuration(value);
  if (isEndpoint(value)) return `${value.address}:${value.port}`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isCondition(
  value: unknown,
): value is {readonly rid: string | null; readonly states: readonly string[]} {
  return typeof value === 'object' && value !== null && 'rid' in value && 'states' in value;
}

function isEndpoint(value: unknown): value is {readonly address: string; readonly port: number} {
  return typeof value === 'object' && value !== null && 'address' in value && 'port' in value;
}
