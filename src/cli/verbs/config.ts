/** `ha config print`: all files merged, every default filled in, as the daemon understands them. */

import {exitCodes} from '../../kernel/exit-codes.ts';
import {formatDuration} from '../../kernel/duration.ts';
import {printable} from '../../status/text.ts';
import {findingLines} from '../config-lines.ts';
import type {Invocation} from '../invocation.ts';
import {loadConfiguration} from '../load-config.ts';
import {printJson, printLines} from '../print.ts';
import {misuse} from '../usage.ts';

export async function config(invocation: Invocation): Promise<number> {
  const {world, paths, operands, flags, command} = invocation;
  if (operands[0] !== 'print') {
    return misuse(world, command, `expected print, found "${operands[0]!}"`);
  }
  const loaded = await loadConfiguration(paths);
  if (loaded.config === null) {
    const errors = loaded.findings.filter((finding) => finding.severity === 'error');
    printLines({...world, stdout: world.stderr}, findingLines(paths.conf, errors));
    return exitCodes.configuration;
  }
  const {links, disks, services, ...cluster} = plainOf(loaded.config) as Record<string, unknown>;
  if (flags['json'] === true) printJson(world, {...cluster, links, disks, services});
  else {
    const media = [...(links as Section[]), ...(disks as Section[])];
    world.stdout.write(sectionText('cluster', cluster));
    for (const medium of media) world.stdout.write(sectionText(String(medium['id']), medium));
    for (const service of services as Section[]) {
      world.stdout.write(sectionText(`service#${String(service['name'])}`, service));
    }
  }
  return exitCodes.done;
}

type Scalar = string | number | boolean | null | readonly unknown[];
type Section = Readonly<Record<string, unknown>>;

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

function sectionText(title: string, section: Section): string {
  return `[${printable(title)}]\n${lines(section, '').join('')}\n`;
}

/** Where a value was written is for findings; an id is the title of its section. */
const hiddenKeys = new Set(['place', 'id', 'rid']);

/** `a.b = value`, a line each, in the order of the configuration's own fields. */
function lines(section: Section, prefix: string): readonly string[] {
  return Object.entries(section).flatMap(([key, value]) => {
    if (hiddenKeys.has(key)) return [];
    // The unit stands in the value here, so the name need not say it.
    const name = `${prefix}${key.replace(/Ms(?=Max$|$)/, '')}`;
    if (Array.isArray(value) && value.some((item) => typeof item === 'object')) {
      return value.flatMap((item, at) => lines(item as Section, `${name}.${at}.`));
    }
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return lines(value as Section, `${name}.`);
    }
    return [`${printable(`${name} = ${valueText(key, value as Scalar)}`)}\n`];
  });
}

function valueText(key: string, value: Scalar): string {
  if (Array.isArray(value)) return value.join(' ');
  if (value === null || value === '') return 'none';
  if (typeof value === 'number' && /Ms(?:Max)?$/.test(key)) return formatDuration(value);
  return String(value);
}
