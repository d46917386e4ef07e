/** `ha events` and `ha history`: the journal, from the daemon or, without one, from its files. */

import {exitCodes} from '../../kernel/exit-codes.ts';
import type {ServiceName} from '../../kernel/ids.ts';
import {eventLine, isEventRecord} from '../../status/events.ts';
import type {EventRecord} from '../../status/events.ts';
import {ask, explainFailure, nodeFlag} from '../ask.ts';
import type {Question} from '../ask.ts';
import type {Invocation} from '../invocation.ts';
import {printLines} from '../print.ts';
import {misuse} from '../usage.ts';

/** Where the daemon keeps its journal below the state directory. */
const journalFolder = 'journal';
const limitDefault = 50;
const limitMax = 10_000;

interface Wish {
  readonly service: ServiceName | null;
  readonly limit: number;
  readonly follow: boolean;
  /** Which records are shown; null: all. */
  readonly wanted: ((record: EventRecord) => boolean) | null;
}

export async function events(invocation: Invocation): Promise<number> {
  const {service, follow} = invocation.flags;
  const limit = limitOf(invocation);
  if (limit === null) return badLimit(invocation);
  const name = typeof service === 'string' ? (service as ServiceName) : null;
  return show(invocation, {service: name, limit, follow: follow === true, wanted: null});
}

/**
 * What an operator calls the history of a service: not each step and link. A plan that went well
 * ends in a transition that says so; a restart in place has none, so its begin is shown.
 */
function isHistory({kind, cause, data}: EventRecord): boolean {
  if (kind === 'plan') return cause.reason === 'restarting-resource';
  if (kind === 'plan-end') return data['kind'] !== 'done';
  return ['transition', 'verdict', 'command', 'alarm'].includes(kind);
}

export async function history(invocation: Invocation): Promise<number> {
  const limit = limitOf(invocation);
  if (limit === null) return badLimit(invocation);
  const service = invocation.operands[0]! as ServiceName;
  return show(invocation, {service, limit, follow: false, wanted: isHistory});
}

function limitOf({flags}: Invocation): number | null {
  const text = flags['limit'];
  if (typeof text !== 'string') return limitDefault;
  const limit = Number(text);
  return Number.isInteger(limit) && limit >= 1 && limit <= limitMax ? limit : null;
}

function badLimit({world, command, flags}: Invocation): number {
  const text = `--limit expected a number from 1 to ${limitMax}, found "${String(flags['limit'])}"`;
  return misuse(world, command, text);
}

async function show(invocation: Invocation, wish: Wish): Promise<number> {
  const {service, follow, wanted} = wish;
  // A history leaves records out, so it reads more than it shows.
  const limit = wanted === null ? wish.limit : limitMax;
  const node = nodeFlag(invocation);
  const question: Question = {op: 'events', node, service, sinceSeq: 0, limit, follow};
  const printer = new Printer(invocation, wish);
  const interrupt = new AbortController();
  const release = invocation.world.onInterrupt(() => interrupt.abort());
  const answer = await ask(invocation, question, {
    ...(follow ? {silenceMs: null} : {}),
    onEvent: (record) => printer.take(record),
    signal: interrupt.signal,
  });
  release();
  printer.flush();
  if (answer.ok) {
    if (answer.value.exit === exitCodes.done) return exitCodes.done;
    invocation.world.stderr.write(`ha: ${answer.value.text}\n`);
    return answer.value.exit;
  }
  if (answer.error.code === 'HA_DETACHED') return exitCodes.done;
  if (answer.error.code === 'HA_DAEMON_UNREACHABLE' && node === null) {
    await readFiles(invocation, {service, limit}, printer);
  }
  return explainFailure(invocation, answer.error);
}

async function readFiles(
  {paths}: Invocation,
  query: {readonly service: ServiceName | null; readonly limit: number},
  printer: Printer,
): Promise<void> {
  const {readJournal} = await import('../../journal/io/read-journal.ts');
  const tail = await readJournal(`${paths.state}/${journalFolder}`, {sinceSeq: 0, ...query});
  if (!tail.ok) return;
  for (const record of tail.value.records) printer.take(record);
  printer.flush();
}

/** Prints at once while following; a history is cut to its newest lines first. */
class Printer {
  readonly #invocation: Invocation;
  readonly #wish: Wish;
  #kept: unknown[] = [];

  constructor(invocation: Invocation, wish: Wish) {
    this.#invocation = invocation;
    this.#wish = wish;
  }

  take(record: unknown): void {
    if (!isEventRecord(record)) return;
    const {wanted} = this.#wish;
    if (wanted === null) this.#print(record);
    else if (wanted(record)) this.#kept.push(record);
  }

  flush(): void {
    for (const record of this.#kept.slice(-this.#wish.limit)) this.#print(record);
    this.#kept = [];
  }

  #print(record: unknown): void {
    const {world, flags} = this.#invocation;
    if (flags['json'] === true) world.stdout.write(`${JSON.stringify(record)}\n`);
    else if (isEventRecord(record)) printLines(world, [eventLine(record)]);
  }
}
