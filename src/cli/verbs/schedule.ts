/** `ha schedule [SVC]`: the tasks, when they ran last and when they are due; `ha run`: now. */

import {formatAge, formatDuration} from '../../kernel/duration.ts';
import {exitCodes} from '../../kernel/exit-codes.ts';
import {resourceId, serviceName} from '../../kernel/ids.ts';
import {bad, blank, dim, good, warn, type Line, type Piece} from '../../status/lines.ts';
import type {StatusView} from '../../status/model.ts';
import {table} from '../../status/table.ts';
import {printableLines} from '../../status/text.ts';
import {ask, askView, explainFailure, nodeFlag} from '../ask.ts';
import {findService} from '../find-service.ts';
import type {Invocation} from '../invocation.ts';
import {printJson, printLines} from '../print.ts';
import type {TaskView} from '../../kernel/schedule/types.ts';

export async function schedule(invocation: Invocation): Promise<number> {
  const seen = await askView(invocation);
  if (typeof seen === 'number') return seen;
  const {view, stale} = seen;
  const [name] = invocation.operands;
  const service = name === undefined ? null : findService(invocation.world, view, name);
  if (typeof service === 'number') return service;
  const tasks = (view.tasks ?? []).filter(
    (one) => service === null || one.service === service.name,
  );
  if (stale !== null) {
    const age = formatAge(stale.ageMs);
    invocation.world.stderr.write(`ha: ${stale.why} What follows is ${age} old.\n`);
  }
  if (invocation.flags['json'] === true) printJson(invocation.world, tasks.map(jsonOf));
  else if (tasks.length === 0) {
    printLines(invocation.world, [['No task is configured: write [task#1] into a SERVICE.conf.']]);
  } else printLines(invocation.world, [...taskTable(view, tasks), ...failures(tasks)]);
  return stale === null ? exitCodes.done : exitCodes.unreachable;
}

/** Runs where the service runs, and waits for the end of the run. */
export async function run(invocation: Invocation): Promise<number> {
  const {world, operands} = invocation;
  const [service = '', rid = ''] = operands;
  const answer = await ask(
    invocation,
    {
      op: 'run-task',
      node: nodeFlag(invocation),
      service: serviceName(service),
      rid: resourceId(rid),
    },
    {silenceMs: null},
  );
  if (!answer.ok) return explainFailure(invocation, answer.error);
  const {exit, text} = answer.value;
  const out = exit === exitCodes.done ? world.stdout : world.stderr;
  out.write(`${exit === exitCodes.done ? '' : 'ha: '}${printableLines(text)}\n`);
  return exit;
}

function taskTable(view: StatusView, tasks: readonly TaskView[]): readonly Line[] {
  const head = ['SERVICE', 'TASK', 'LAST RUN', 'RESULT', 'NEXT RUN', 'SCHEDULE'].map(dim);
  const rows = tasks.map((task): readonly Piece[] => [
    task.service,
    task.rid,
    task.last === null ? '-' : timeOf(task.last.begunMs),
    resultOf(task),
    nextOf(view, task),
    task.schedule.join(', ') || 'never',
  ]);
  return table([head, ...rows], {elastic: 5});
}

function resultOf({running, last}: TaskView): Piece {
  if (running) return warn('running');
  if (last === null) return '-';
  if (last.ok === null || last.endedMs === null) return warn('unknown');
  const took = formatDuration(Math.max(0, last.endedMs - last.begunMs));
  return last.ok ? good(`ok, ${took}`) : bad(`failed, ${took}`);
}

function nextOf(view: StatusView, {nextMs, service}: TaskView): string {
  if (nextMs !== null) return timeOf(nextMs);
  const owner = view.services.find((one) => one.name === service)?.owner ?? null;
  return owner === null || owner === view.node ? '-' : `on ${owner}`;
}

/** Why the failed ones failed. */
function failures(tasks: readonly TaskView[]): readonly Line[] {
  const failed = tasks.filter(({last, running}) => !running && last?.ok === false);
  if (failed.length === 0) return [];
  return [
    blank,
    ...failed.map(({service, rid, last}): Line => [`${service} ${rid}: ${last?.detail ?? ''}`]),
  ];
}

/** Wall time of whoever looks: `2026-11-20 22:11`. */
function timeOf(ms: number): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

function jsonOf(task: TaskView): unknown {
  const iso = (ms: number | null): string | null =>
    ms === null ? null : new Date(ms).toISOString();
  const {service, rid, running, last, nextMs} = task;
  return {
    service,
    rid,
    schedule: task.schedule,
    running,
    last:
      last === null
        ? null
        : {begun: iso(last.begunMs), ended: iso(last.endedMs), ok: last.ok, detail: last.detail},
    next: iso(nextMs),
  };
}
