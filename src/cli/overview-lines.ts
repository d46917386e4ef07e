/** The overview of a view; what says trouble is loaded only where there is some. */

import {isQuiet} from '../status/headline.ts';
import type {Line} from '../status/lines.ts';
import {overview} from '../status/overview.ts';
import type {SeenView} from './ask.ts';

export async function overviewLines(
  {view, stale}: SeenView,
  all: boolean,
): Promise<readonly Line[]> {
  if (stale !== null || isQuiet(view)) return overview(view, {stale, all, abnormal: null});
  const {abnormalLines} = await import('../status/abnormal.ts');
  return overview(view, {stale, all, abnormal: abnormalLines(view)});
}
