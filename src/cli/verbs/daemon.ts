/** `ha daemon`: without a word it runs in the foreground; `stop` and `reload` speak to the one that does. */

import {formatDuration, parseDuration} from '../../kernel/duration.ts';
import {exitCodes} from '../../kernel/exit-codes.ts';
import {ask, explainFailure, nodeFlag} from '../ask.ts';
import {confirm} from '../confirm.ts';
import type {Invocation} from '../invocation.ts';
import {runSteps} from '../order.ts';
import {misuse} from '../usage.ts';

/** Long enough for an upgrade, short enough that a forgotten one does not hide a death for hours. */
const keepMsDefault = 600_000;
const keepMsMax = 86_400_000;

export async function daemon(invocation: Invocation): Promise<number> {
  const [action] = invocation.operands;
  switch (action) {
    case undefined:
      return runDaemon();
    case 'stop':
      return stop(invocation);
    case 'reload':
      return reload(invocation);
    default:
      return misuse(
        invocation.world,
        invocation.command,
        `expected stop, reload or nothing, found "${action}"`,
      );
  }
}

/** The daemon reads its own options from the same line. */
async function runDaemon(): Promise<number> {
  const built = new URL('../../daemon/main.js', import.meta.url).href;
  const url = import.meta.url.endsWith('.ts') ? built.replace(/\.js$/, '.ts') : built;
  await import(url);
  return Number(process.exitCode ?? exitCodes.done);
}

async function stop(invocation: Invocation): Promise<number> {
  const {flags, world, command} = invocation;
  const keep = flags['keep'];
  const keepMs = typeof keep === 'string' && keep !== '' ? parseDuration(keep) : keepMsDefault;
  if (keepMs === null || keepMs === 0 || keepMs > keepMsMax) {
    const text = `--keep expected a duration up to ${formatDuration(keepMsMax)}, found "${String(keep)}"`;
    return misuse(world, command, text);
  }
  const node = nodeFlag(invocation);
  const where = node ?? 'this node';
  const warning =
    keep === undefined
      ? `This stops every service that runs on ${where}; other nodes take over what they may.`
      : `The services of ${where} keep running, and for ${formatDuration(keepMs)} nobody watches them.`;
  const refused = await confirm(invocation, {flag: 'yes', warning});
  if (refused !== null) return refused;
  return runSteps(invocation, [
    {
      node,
      command: {verb: 'shutdown', keep: keep !== undefined, keepMs},
      title: `stop the daemon of ${where}`,
      duty: 'needed',
      endsDaemon: true,
    },
  ]);
}

async function reload(invocation: Invocation): Promise<number> {
  const {world} = invocation;
  const answer = await ask(invocation, {op: 'reload', node: nodeFlag(invocation)});
  if (!answer.ok) return explainFailure(invocation, answer.error);
  const {exit, text} = answer.value;
  (exit === exitCodes.done ? world.stdout : world.stderr).write(`${text}\n`);
  return exit;
}
