/** `ha timeline`: how long a takeover takes at worst with this configuration, per class. */

import type {Takeover} from '../../config/takeover.ts';
import {timeline as timelineOf} from '../../config/timeline.ts';
import {weakWatchdogs} from '../../forecast/weak-watchdogs.ts';
import {formatDuration} from '../../kernel/duration.ts';
import {exitCodes} from '../../kernel/exit-codes.ts';
import {blank, dim, strong} from '../../status/lines.ts';
import type {Line, Piece} from '../../status/lines.ts';
import {table} from '../../status/table.ts';
import {findingLines} from '../config-lines.ts';
import type {Invocation} from '../invocation.ts';
import {loadConfiguration} from '../load-config.ts';
import {printJson, printLines} from '../print.ts';

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
  const service = line.services.find((candidate) => candidate.service === name);
  if (name !== undefined && service === undefined) {
    world.stderr.write(`ha: no service is called "${name}" in ${paths.conf}\n`);
    return exitCodes.noSuch;
  }
  const takeovers = service === undefined ? line.takeovers : [service];
  if (flags['json'] === true) printJson(world, {...line, takeovers});
  else printLines(world, takeoverLines(takeovers));
  return exitCodes.done;
}

function takeoverLines(takeovers: readonly Takeover[]): readonly Line[] {
  const header = ['class', 'needs', 'has', 'by', 'from death to start, at worst'].map(dim);
  const rows = takeovers.map((takeover): readonly Piece[] => [
    strong(takeover.serviceClass),
    takeover.proofNeeded,
    takeover.proof,
    takeover.source,
    takeover.worstMs === null
      ? {text: 'never by itself', tone: 'warn'}
      : formatDuration(takeover.worstMs),
  ]);
  const parts = takeovers.flatMap((takeover) =>
    takeover.parts.map((part) => [
      takeover.serviceClass,
      part.what,
      formatDuration(part.durationMs),
    ]),
  );
  return [
    ...table([header, ...rows]),
    blank,
    ...(parts.length === 0 ? [] : table([['made of', '', ''].map(dim), ...parts])),
  ];
}
