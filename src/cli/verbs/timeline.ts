/** `ha timeline`: what becomes of the services in each fault, with this configuration. */

import {timeline as timelineOf} from '../../config/timeline.ts';
import {forecastService} from '../../forecast/play.ts';
import {weakWatchdogs} from '../../forecast/weak-watchdogs.ts';
import {exitCodes} from '../../kernel/exit-codes.ts';
import {findingLines} from '../config-lines.ts';
import type {Invocation} from '../invocation.ts';
import {loadConfiguration} from '../load-config.ts';
import {printJson, printLines} from '../print.ts';
import {forecastLines, matrixLines, takeoverLines} from '../timeline-lines.ts';

export async function timeline(invocation: Invocation): Promise<number> {
  const {world, paths, flags, operands} = invocation;
  const {config, findings, files} = await loadConfiguration(paths);
  if (config === null) {
    const errors = findings.filter((finding) => finding.severity === 'error');
    printLines({...world, stdout: world.stderr}, findingLines(paths.conf, errors));
    return exitCodes.configuration;
  }
  const weak = new Set(weakWatchdogs(config, files.facts).map(({node}) => node));
  const line = timelineOf(config, weak);
  const [name] = operands;
  const grade = line.services.find((candidate) => candidate.service === name);
  if (name !== undefined && grade === undefined) {
    world.stderr.write(`ha: no service is called "${name}" in ${paths.conf}\n`);
    return exitCodes.noSuch;
  }
  const forecasts = config.services
    .filter((service) => grade === undefined || service.name === grade.service)
    .map((service) => forecastService(config, service, weak));
  const takeovers = grade === undefined ? line.takeovers : [grade];
  const all = flags['all'] === true;
  if (flags['json'] === true) {
    printJson(world, {...line, takeovers, forecasts});
    return exitCodes.done;
  }
  if (grade === undefined) {
    const each = all
      ? forecasts.flatMap((one, at) => [[], ...forecastLines(one, line.services[at]!, {all})])
      : matrixLines(forecasts);
    printLines(world, [...takeoverLines(line.takeovers), ...each]);
  } else printLines(world, forecastLines(forecasts[0]!, grade, {all}));
  return exitCodes.done;
}
