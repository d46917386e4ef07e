/** `ha timeline`: what becomes of the services in each fault, with this configuration. */

import {timeline as timelineOf} from '../../config/timeline.ts';
import {forecastService} from '../../forecast/play.ts';
import {weakWatchdogs} from '../../forecast/weak-watchdogs.ts';
import {exitCodes} from '../../kernel/exit-codes.ts';
import {paragraph} from '../../status/lines.ts';
import {findingLines} from '../config-lines.ts';
import type {Invocation} from '../invocation.ts';
import {loadConfiguration} from '../load-config.ts';
import {printJson, printLines} from '../print.ts';
import {forecastLines, matrixLines, takeoverLines} from '../timeline-lines.ts';

const notPlayed =
  'The faults are played without [fence#NODE]: with it a silent node is switched off first, and ' +
  'of two nodes that lose each other one is.';

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
  const isFenced = config.fences.length > 0;
  if (flags['json'] === true) {
    printJson(world, {...line, takeovers, forecasts, ...(isFenced ? {fencingPlayed: false} : {})});
    return exitCodes.done;
  }
  if (grade === undefined) {
    const each = all
      ? forecasts.flatMap((one, at) => [[], ...forecastLines(one, line.services[at]!, {all})])
      : matrixLines(forecasts);
    printLines(world, [...takeoverLines(line.takeovers), ...each]);
  } else printLines(world, forecastLines(forecasts[0]!, grade, {all}));
  if (isFenced) printLines(world, [[], ...paragraph(notPlayed, 0, 'warn')]);
  return exitCodes.done;
}
