/** `ha simulate --FAULT ...`: the user's own configuration in memory, and what becomes of it. */

import {formatDuration, parseDuration} from '../kernel/duration.ts';
import {exitCodes} from '../kernel/exit-codes.ts';
import {rehearse} from '../sim/rehearsal.ts';
import type {Rehearsal, ServiceOutcome} from '../sim/rehearsal.ts';
import {printable, printableLines} from '../status/text.ts';
import {findingLines} from './config-lines.ts';
import {readFaults} from './fault-options.ts';
import type {Invocation} from './invocation.ts';
import {loadConfiguration} from './load-config.ts';
import {printJson, printLines} from './print.ts';
import {misuse} from './usage.ts';

/** Longer than a takeover with the longest waits that are usual. */
const lookOnMs = 180_000;
const lookOnMsMax = 86_400_000;

export async function playFaults(invocation: Invocation): Promise<number> {
  const {world, flags, command, operands, paths} = invocation;
  if (operands[0] !== undefined) {
    return misuse(world, command, 'expected a scenario or faults, found both');
  }
  const {config, findings} = await loadConfiguration(paths);
  if (config === null) {
    const errors = findings.filter((finding) => finding.severity === 'error');
    printLines({...world, stdout: world.stderr}, findingLines(paths.conf, errors));
    return exitCodes.configuration;
  }
  const faults = readFaults(flags, config);
  if (!faults.ok) return misuse(world, command, faults.error);
  const during = flags['during'];
  const askedMs = typeof during === 'string' ? parseDuration(during) : null;
  if (during !== undefined && (askedMs === null || askedMs > lookOnMsMax)) {
    return misuse(world, command, `--during expected a duration as 5m, found "${String(during)}"`);
  }
  const actions = faults.value ?? [];
  const lastMs = actions.at(-1)?.atMs ?? 0;
  const runMs = askedMs ?? lastMs + lookOnMs;
  const played = rehearse({config, faults: actions, runMs});
  const exit = isWell(played) ? exitCodes.done : exitCodes.failed;
  if (flags['json'] === true) printJson(world, {exit, runMs, ...played});
  else world.stdout.write(printableLines(textOf(played, runMs)));
  return exit;
}

/** Every service that ran runs on one node, and ran on no two. */
function isWell({services, broken}: Rehearsal): boolean {
  const isKept = ({before, after, twiceMs}: ServiceOutcome): boolean =>
    twiceMs === 0 && (before.length === 0 || after.length === 1);
  return broken.length === 0 && services.every(isKept);
}

function textOf({transcript, services, broken}: Rehearsal, runMs: number): string {
  const end = `\nafter ${formatDuration(runMs)}, in memory; nothing that runs was touched:\n`;
  const rules = broken.map(({rule, text}) => `BROKEN ${rule}: ${text}\n`);
  return [transcript, end, ...services.map(serviceText), ...rules].join('');
}

function serviceText({service, before, after, downMs, twiceMs, why}: ServiceOutcome): string {
  const from = before.join(' and ') || 'nowhere';
  const to = after.join(' and ') || 'nowhere';
  const where =
    from === to ? (to === 'nowhere' ? 'runs nowhere' : `stays on ${to}`) : `${from} -> ${to}`;
  const down = downMs > 0 ? `, down for ${formatDuration(Math.round(downMs))}` : '';
  const twice = twiceMs > 0 ? `, on two nodes for ${formatDuration(Math.round(twiceMs))}` : '';
  const reasons = why.map((text) => `  ${printable(text)}\n`).join('');
  return `${printable(service)}: ${where}${down}${twice}\n${reasons}`;
}
