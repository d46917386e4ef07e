/** `ha status`: the path that is walked most, so it loads nothing that it does not print. */

import {exitCodes} from '../../kernel/exit-codes.ts';
import {askView} from '../ask.ts';
import type {SeenView} from '../ask.ts';
import type {Invocation} from '../invocation.ts';
import {overviewLines} from '../overview-lines.ts';
import {printJson, printLines} from '../print.ts';

export async function status(invocation: Invocation): Promise<number> {
  if (invocation.flags['check'] === true) return checkStatus(invocation);
  const seen = await askView(invocation);
  if (typeof seen === 'number') return seen;
  const exit = await show(invocation, seen);
  return seen.stale === null || exit !== exitCodes.done ? exit : exitCodes.unreachable;
}

async function show(invocation: Invocation, seen: SeenView): Promise<number> {
  const {flags, operands, world} = invocation;
  const {view, stale} = seen;
  const [name] = operands;
  if (name !== undefined) return showService(invocation, seen, name);
  if (flags['json'] === true) {
    const {statusJson} = await import('../../status/json.ts');
    printJson(world, statusJson(view, stale));
  } else if (flags['compact'] === true) {
    const {compact} = await import('../../status/compact.ts');
    printLines(world, compact(view, stale));
  } else printLines(world, await overviewLines(seen, flags['all'] === true));
  return exitCodes.done;
}

async function showService(
  {flags, world}: Invocation,
  {view, stale}: SeenView,
  name: string,
): Promise<number> {
  const {findService} = await import('../find-service.ts');
  const service = findService(world, view, name);
  if (typeof service === 'number') return service;
  const narrowed = {...view, services: [service]};
  if (flags['json'] === true) {
    const {statusJson} = await import('../../status/json.ts');
    printJson(world, statusJson(narrowed, stale));
  } else if (flags['compact'] === true) {
    const {compact} = await import('../../status/compact.ts');
    printLines(world, compact(narrowed, stale).slice(1));
  } else {
    const {servicePage} = await import('../../status/service-page.ts');
    printLines(world, servicePage(view, service, stale));
  }
  return exitCodes.done;
}

/** Monitoring reads one line on stdout and the exit code, whatever happens. */
async function checkStatus(invocation: Invocation): Promise<number> {
  const {check, checkUnreachable} = await import('../../status/nagios.ts');
  const {world} = invocation;
  const complaints: string[] = [];
  const quiet = {...world.stderr, write: (text: string) => void complaints.push(text)};
  const seen = await askView({...invocation, world: {...world, stderr: quiet}});
  const result =
    typeof seen === 'number'
      ? checkUnreachable(complaints.join(' ').split('\n')[0]!.replace(/^ha: /, ''))
      : check(seen.view, seen.stale);
  world.stdout.write(`${result.line}\n`);
  return result.exit;
}
