/**
 * `ha init`: the secret and a commented cluster.conf. What is there already is left as it is, since
 * a second key would cut this node off from the others.
 */

import {randomBytes} from 'node:crypto';
import {mkdir, open} from 'node:fs/promises';
import {hostname} from 'node:os';
import {resolve} from 'node:path';
import {initialClusterConf} from '../../config/initial.ts';
import {exitCodes} from '../../kernel/exit-codes.ts';
import {isName} from '../../kernel/ids.ts';
import {nodesMax} from '../../kernel/limits.ts';
import {printable} from '../../status/text.ts';
import type {Invocation} from '../invocation.ts';
import {misuse} from '../usage.ts';

const keyBytes = 32;

export async function init(invocation: Invocation): Promise<number> {
  const {world, paths, command} = invocation;
  const nodes = nodesOf(invocation);
  if (typeof nodes === 'string') return misuse(world, command, nodes);
  try {
    await mkdir(paths.conf, {recursive: true, mode: 0o755});
    const key = await create(`${paths.conf}/secret.key`, keyText(), 0o600);
    const conf = await create(`${paths.conf}/cluster.conf`, initialClusterConf(nodes), 0o644);
    world.stdout.write(`${paths.conf}/secret.key: ${key ? 'made' : 'was there, left as it is'}\n`);
    world.stdout.write(
      `${paths.conf}/cluster.conf: ${conf ? 'made' : 'was there, left as it is'}\n`,
    );
    world.stdout.write(nextSteps(resolve(paths.conf), nodes));
    return exitCodes.done;
  } catch (error) {
    const {text, exit} = initFailure(paths.conf, error);
    world.stderr.write(text);
    return exit;
  }
}

/** What the file system refused, what to type, and the exit code. */
export function initFailure(conf: string, error: unknown): {text: string; exit: number} {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  const why = printable(error instanceof Error ? error.message : String(error));
  if (code !== 'EACCES' && code !== 'EPERM') return {text: `ha: ${why}\n`, exit: exitCodes.failed};
  const hint = 'Become root, or name a directory of yours with --conf.';
  const text = `ha: expected to be able to write to ${printable(conf)}, found ${why}\n${hint}\n`;
  return {text, exit: exitCodes.notPermitted};
}

/** The names, or what is wrong with them. */
function nodesOf({flags, paths}: Invocation): readonly string[] | string {
  const text = flags['nodes'];
  const own = paths.nodeName ?? hostname();
  const nodes =
    typeof text === 'string' ? text.split(/[\s,]+/).filter((name) => name !== '') : [own];
  const wrong = nodes.find((name) => !isName(name));
  if (wrong !== undefined)
    return `--nodes expected names as uname -n prints them, found "${wrong}"`;
  if (new Set(nodes).size !== nodes.length) return '--nodes expected each name once';
  if (nodes.length === 0) return '--nodes expected one name at least, found none';
  if (nodes.length > nodesMax) return `--nodes expected at most ${nodesMax}, found ${nodes.length}`;
  return nodes;
}

/** The file format of secret.key: a key id and 64 hexadecimal digits, comments with `#`. */
function keyText(): string {
  const head = '# Cluster key: the same file on every node, mode 0600. The first key signs.';
  return `${head}\n1 ${randomBytes(keyBytes).toString('hex')}\n`;
}

/** False where the file was there: `wx` never overwrites. */
async function create(path: string, text: string, mode: number): Promise<boolean> {
  let file;
  try {
    file = await open(path, 'wx', mode);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  return true;
}

function nextSteps(conf: string, nodes: readonly string[]): string {
  const others = nodes
    .slice(1)
    .map((node) => `  scp ${conf}/secret.key ${conf}/cluster.conf ${printable(node)}:${conf}/\n`);
  const copy = others.length === 0 ? '' : `Copy both to the other nodes:\n${others.join('')}`;
  return `${copy}Then edit cluster.conf and type on each node: ha check\n`;
}
