/** `openha ps`: the processes that OpenHA's user looked for, and what took their place. */

import {exitCodes} from '../../kernel/exit-codes.ts';
import {toText} from '../../status/lines.ts';
import {table} from '../../status/table.ts';
import {askView} from '../ask.ts';
import {needDaemon} from '../need-daemon.ts';
import type {OpenhaLine} from './openha-line.ts';

export async function showProcesses(line: OpenhaLine): Promise<number> {
  const view = needDaemon(line, await askView(line));
  if (typeof view === 'number') return view;
  const children = Object.entries(view.mediaPids).filter(([, pid]) => pid !== view.pid);
  const rows = [
    ['PID', 'PROCESS'],
    [String(view.pid), 'ha daemon'],
    ...children.map(([medium, pid]) => [String(pid), `ha daemon, disk heartbeat ${medium}`]),
  ];
  line.world.stdout.write(toText(table(rows), {colour: false}));
  return exitCodes.done;
}
