/** `ha check` and `ha timeline`: what the configuration says, and what it is worth on a bad day. */

import {timeline as timelineOf} from '../../config/timeline.ts';
import {exitCodes} from '../../kernel/exit-codes.ts';
import {findingLines, gradeLines, inequalityLines, takeoverLines} from '../config-lines.ts';
import type {Invocation} from '../invocation.ts';
import {loadConfiguration} from '../load-config.ts';
import {printJson, printLines} from '../print.ts';

/** A clean configuration has no errors; warnings are said, and do not refuse. */
export async function check(invocation: Invocation): Promise<number> {
  const {world, paths, flags} = invocation;
  const {config, findings} = await loadConfiguration(paths);
  const line = config === null ? null : timelineOf(config);
  if (flags['json'] === true) {
    printJson(world, {directory: paths.conf, valid: config !== null, findings, ...line});
  } else {
    printLines(world, [
      ...findingLines(paths.conf, findings),
      ...(line === null ? [] : [...gradeLines(line), ...inequalityLines(line)]),
    ]);
  }
  return config === null ? exitCodes.configuration : exitCodes.done;
}

export async function timeline(invocation: Invocation): Promise<number> {
  const {world, paths, flags, operands} = invocation;
  const {config, findings} = await loadConfiguration(paths);
  if (config === null) {
    const errors = findings.filter((finding) => finding.severity === 'error');
    printLines({...world, stdout: world.stderr}, findingLines(paths.conf, errors));
    return exitCodes.configuration;
  }
  const line = timelineOf(config);
  const [name] = operands;
  const service = config.services.find((candidate) => candidate.name === name);
  if (name !== undefined && service === undefined) {
    world.stderr.write(`ha: no service is called "${name}" in ${paths.conf}\n`);
    return exitCodes.noSuch;
  }
  const takeovers = line.takeovers.filter(
    (takeover) => service === undefined || takeover.serviceClass === service.serviceClass,
  );
  if (flags['json'] === true) printJson(world, {...line, takeovers});
  else printLines(world, [...takeoverLines(takeovers), ...inequalityLines(line)]);
  return exitCodes.done;
}
