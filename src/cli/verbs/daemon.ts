/** `ha daemon`: alone it runs in the foreground; `stop` and `reload` speak to the one that does. */

import {formatDuration, parseDuration} from '../../kernel/duration.ts';
import {exitCodes} from '../../kernel/exit-codes.ts';
import {printableLines} from '../../status/text.ts';
import {ask, explainFailure, nodeFlag} from '../ask.ts';
import {confirm} from '../confirm.ts';
import type {Invocation} from '../invocation.ts';
import {runSteps} from '../order.ts';
import {misuse} from '../usage.ts';

/** Long enough for an upgrade, short enough that a forgotten one hides no death for hours. */
const keepMsDefault = 600_000;
const keepMsMax = 86_400_000;
/** Time in which a daemon that said goodbye has closed its files and is gone. */
const goneMsMax = 5_000;
const gonePollMs = 50;

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
    const most = formatDuration(keepMsMax);
    return misuse(world, command, `--keep expected at most ${most}, found "${String(keep)}"`);
  }
  const node = nodeFlag(invocation);
  const where = node ?? 'this node';
  const warning =
    keep === undefined
      ? `This stops every service that runs on ${where}; other nodes take over what they may.`
      : `The services of ${where} go on, and for ${formatDuration(keepMs)} nobody watches them.`;
  const refused = await confirm(invocation, {flag: 'yes', warning});
  if (refused !== null) return refused;
  const exit = await runSteps(invocation, [
    {
      node,
      command: {verb: 'shutdown', keep: keep !== undefined, keepMs},
      title: `stop the daemon of ${where}`,
      duty: 'needed',
      endsDaemon: true,
    },
  ]);
  const ended = exit === exitCodes.done && node === null && flags['dry-run'] !== true;
  return ended ? untilGone(invocation) : exit;
}

/** The daemon answers before it is gone; whoever stops it for an upgrade wants it gone. */
async function untilGone(invocation: Invocation): Promise<number> {
  for (let waitedMs = 0; waitedMs < goneMsMax; waitedMs += gonePollMs) {
    const answer = await ask(invocation, {op: 'hello', node: null});
    if (!answer.ok && answer.error.code === 'HA_DAEMON_UNREACHABLE') return exitCodes.done;
    await new Promise((resolve) => setTimeout(resolve, gonePollMs));
  }
  invocation.world.stderr.write('ha: the daemon said goodbye and is still there\n');
  return exitCodes.running;
}

async function reload(invocation: Invocation): Promise<number> {
  const {world} = invocation;
  const answer = await ask(invocation, {op: 'reload', node: nodeFlag(invocation)});
  if (!answer.ok) return explainFailure(invocation, answer.error);
  const {exit, text} = answer.value;
  (exit === exitCodes.done ? world.stdout : world.stderr).write(`${printableLines(text)}\n`);
  return exit;
}
