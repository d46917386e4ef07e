/** The view that the daemon last wrote into its state directory. */

import {open} from 'node:fs/promises';
import type {DaemonView} from '../control/types.ts';
import {lineBytesMax} from '../control/types.ts';
import type {HaError} from '../kernel/result.ts';
import type {SeenView} from './ask.ts';
import type {Invocation} from './invocation.ts';
import {unreachable} from './unreachable.ts';

const lastViewFile = 'last-view.json';

/** null where there is none that can be read: then nothing at all is known. */
export async function readLastView(
  {paths, world}: Pick<Invocation, 'paths' | 'world'>,
  error: HaError,
): Promise<SeenView | null> {
  const view = await readView(`${paths.state}/${lastViewFile}`);
  if (view === null) return null;
  const ageMs = Math.max(0, world.wallMs() - Date.parse(view.at));
  const {text, commands} = unreachable({paths, world, error});
  const why = `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  return {view, stale: {ageMs, why, commands}};
}

async function readView(path: string): Promise<DaemonView | null> {
  try {
    const file = await open(path);
    try {
      const {size} = await file.stat();
      if (size > lineBytesMax) return null;
      const view = JSON.parse(await file.readFile('utf8')) as DaemonView;
      const whole = Array.isArray(view.services) && Number.isFinite(Date.parse(view.at));
      return whole ? view : null;
    } finally {
      await file.close();
    }
  } catch {
    // Missing, unreadable or torn: in each case there is nothing to show.
    return null;
  }
}
