/** `ha check`: what the configuration says, and what it is worth on a bad day. */

import type {Inequality} from '../../config/inequalities.ts';
import {timeline} from '../../config/timeline.ts';
import {weakWatchdogs} from '../../forecast/weak-watchdogs.ts';
import {exitCodes} from '../../kernel/exit-codes.ts';
import type {Line} from '../../status/lines.ts';
import {gradeLines, nextLines, ruleLines, ruleSummaryLines, serviceLines} from '../check-lines.ts';
import {findingLines} from '../config-lines.ts';
import type {Invocation} from '../invocation.ts';
import {loadConfiguration} from '../load-config.ts';
import {printJson, printLines} from '../print.ts';

/** A clean configuration has no errors; warnings are said, and do not refuse. */
export async function check(invocation: Invocation): Promise<number> {
  const {world, paths, flags} = invocation;
  const {config, findings, inequalities, files} = await loadConfiguration(paths, {
    asksAgents: true,
  });
  const weak = config === null ? [] : weakWatchdogs(config, files.facts);
  const line = config === null ? null : timeline(config, new Set(weak.map(({node}) => node)));
  const all = flags['all'] === true;
  if (flags['json'] === true) {
    const valid = config !== null;
    printJson(world, {directory: paths.conf, valid, findings, inequalities, weak, ...line});
  } else if (line === null) {
    printLines(world, [...findingLines(paths.conf, findings), ...refusedLines(inequalities, all)]);
  } else {
    printLines(world, [
      ...findingLines(paths.conf, findings),
      ...gradeLines(line, weak),
      ...serviceLines(line.services, {all}),
      ...(all ? ruleLines : ruleSummaryLines)(line.inequalities, line.absent),
      ...nextLines(line.services, {all, valid: true}),
    ]);
  }
  return config === null ? exitCodes.configuration : exitCodes.done;
}

/** Where something is refused, the rules that break are worth a look, and no grade is given. */
function refusedLines(inequalities: readonly Inequality[], all: boolean): readonly Line[] {
  const lines = all ? ruleLines : ruleSummaryLines;
  return [
    ...(inequalities.length === 0 ? [] : lines(inequalities, [])),
    ...nextLines([], {all, valid: false}),
  ];
}
