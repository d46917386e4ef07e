/**
 * `SERVICE.stonith`, OpenSVC's entry point for OpenHA's check script: whoever shares the service
 * and is silent is switched off. Exit 0 where nobody is left that could run it; with any other a
 * caller must not go on.
 */

import {exitCodes} from '../kernel/exit-codes.ts';
import type {NodeView} from '../engine/view.ts';
import {printable} from '../status/text.ts';
import {askView} from './ask.ts';
import {findCommand} from './commands.ts';
import {findService} from './find-service.ts';
import {needDaemon} from './need-daemon.ts';
import {pathsOf} from './paths.ts';
import {runCommand} from './run-command.ts';
import type {World} from './world.ts';

export async function stonith(world: World, name: string): Promise<number> {
  const [action = 'stonith', extra] = world.args;
  if (action !== 'stonith' || extra !== undefined) {
    const found = world.args.map(printable).join(' ');
    world.stderr.write(`${printable(world.programName)}: expected stonith, found "${found}"\n`);
    return exitCodes.usage;
  }
  const view = needDaemon({world}, await askView({world, paths: pathsOf(world, {}), flags: {}}));
  if (typeof view === 'number') return view;
  const service = findService(world, view, name);
  if (typeof service === 'number') return service;
  const sharing = new Set<string>(service.instances.map(({node}) => node));
  const silent = view.nodes.filter((node) => sharing.has(node.name) && isSilent(node));
  if (silent.length === 0) {
    world.stdout.write(`${printable(world.programName)}: nobody to switch off: bypassed\n`);
    return exitCodes.done;
  }
  let worst: number = exitCodes.done;
  for (const node of silent) {
    const exit = await runCommand(world, findCommand('fence')!, [node.name, '--yes']);
    if (worst === exitCodes.done) worst = exit;
  }
  return worst;
}

/** Not heard, and neither gone with a goodbye nor known to be off. */
function isSilent({local, state}: NodeView): boolean {
  return !local && (state === 'silent' || state === 'joining');
}
