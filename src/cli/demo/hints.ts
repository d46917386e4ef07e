/** What to type in another terminal while the demo runs on. */

import {demoNodes, type DemoPaths} from './layout.ts';

/** Long enough to see that the other node takes over. */
export const reviveMs = 15_000;

/** Lines of at most 80 characters, commands ready to copy. */
export function hints(paths: DemoPaths, url: string): readonly string[] {
  const [first, second] = demoNodes;
  return [
    'Now it is yours. In another terminal, speak as one of the nodes:',
    `  . ${paths.of(first).environment}`,
    'and then, for example (the same with node2):',
    '  ha status                        may I go home?',
    '  ha explain web                   why is it where it is?',
    `  ha switch web --to ${second}         move it`,
    '  ha freeze web --why "lunch"      hands off; ha unfreeze web ends it',
    '  ha events -f                     what happens, as it happens',
    `  curl ${url}`,
    'A crash, and with --keep a restart of the daemon alone:',
    `  kill -9 $(head -n 1 $HA_RUN/daemon.pid) $(cat ${paths.of(first).webPid})`,
    '  ha daemon stop --keep',
    `A daemon that ended is started again after ${reviveMs / 1_000} s.`,
    '',
    'Ctrl-C here ends all of it and leaves nothing behind.',
  ];
}
