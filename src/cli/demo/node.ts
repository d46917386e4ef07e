/** One node of the demo: its daemon as a process, and the questions one can ask it. */

import {call} from '../../control/io/client.ts';
import {controlSocketPath} from '../../control/paths.ts';
import type {DaemonView} from '../../control/types.ts';
import type {Command, RecordEntry} from '../../engine/types.ts';
import {run} from '../../drivers/host/run.ts';
import {startProgram} from '../../drivers/host/start-program.ts';
import {serviceName} from '../../kernel/ids.ts';
import type {DemoNodeName, NodePaths} from './layout.ts';
import {demoService} from './sight.ts';

const answerMs = 2_000;
/** A verb waits for its end; this is beyond every budget of the demo's service. */
const verbMs = 60_000;
const recordsMax = 500;

export interface DemoNodeOptions {
  readonly name: DemoNodeName;
  readonly paths: NodePaths;
  /** `node .../main.js`: how the command line is started. */
  readonly program: readonly string[];
}

export interface VerbResult {
  readonly exit: number | null;
  readonly text: string;
}

export class DemoNode {
  readonly name: DemoNodeName;
  readonly paths: NodePaths;
  readonly #program: readonly string[];
  #pid: number | null = null;
  #ended: {readonly how: string; readonly atMs: number} | null = null;
  #seq = 0;

  constructor(options: DemoNodeOptions) {
    this.name = options.name;
    this.paths = options.paths;
    this.#program = options.program;
  }

  /** How and when the daemon ended; null while it runs. */
  get ended(): {readonly how: string; readonly atMs: number} | null {
    return this.#ended;
  }

  async start(): Promise<void> {
    const started = await startProgram({
      argv: [...this.#program, 'daemon', ...this.#flags()],
      environment: {PATH: process.env['PATH'] ?? '/usr/bin:/bin'},
      outputFile: this.paths.log,
    });
    if (!started.ok) throw new Error(started.error.message);
    const {pid, ended} = started.value;
    this.#pid = pid;
    this.#ended = null;
    this.#seq = 0;
    void ended.then((how) => {
      if (this.#pid === pid) this.#ended = {how, atMs: performance.now()};
    });
  }

  /** SIGKILL to the daemon and its children. */
  kill(): void {
    if (this.#pid !== null) signalGroup(this.#pid);
  }

  /** A command as an operator types it. */
  async ha(args: readonly string[]): Promise<VerbResult> {
    const argv = [...this.#program, ...args, ...this.#flags()];
    const result = await run({argv, deadlineMs: verbMs});
    return {exit: result.code, text: `${result.stdout}${result.stderr}`.trim()};
  }

  /** What no story tells: stopped and frozen before anything has moved. */
  async freezeStop(why: string): Promise<void> {
    const since = new Date().toISOString();
    const freeze = {by: 'demo', why, since, untilMs: null, until: null};
    const command = {verb: 'freeze-stop', service: serviceName(demoService), freeze} as const;
    if ((await this.#ask({op: 'command', command, wait: true})) !== null) return;
    throw new Error(`expected ${this.name} to freeze ${demoService}, found a refusal`);
  }

  /** null: the daemon does not answer. */
  async view(): Promise<DaemonView | null> {
    const end = await this.#ask({op: 'view'});
    return end === null ? null : (end.data as DaemonView);
  }

  /** Journal records of the service since the last call, oldest first. */
  async news(): Promise<readonly RecordEntry[]> {
    const records: (RecordEntry & {readonly seq: number})[] = [];
    const question = {op: 'events', service: serviceName(demoService), limit: recordsMax} as const;
    await this.#ask({...question, sinceSeq: this.#seq, follow: false}, (record) =>
      records.push(record as RecordEntry & {readonly seq: number}),
    );
    this.#seq = records.at(-1)?.seq ?? this.#seq;
    return records;
  }

  async #ask(
    question: Question,
    onEvent: (record: unknown) => void = () => {},
  ): Promise<{readonly data: unknown} | null> {
    const base = {v: 1, id: 1, node: null, actor: 'demo'} as const;
    const result = await call({
      socketPath: controlSocketPath(this.paths.run),
      request: {...base, ...question},
      onEvent,
      silenceMs: answerMs,
    });
    return result.ok && result.value.exit === 0 ? result.value : null;
  }

  #flags(): readonly string[] {
    const {conf, state, run: runDirectory} = this.paths;
    const flags = ['--conf', conf, '--state', state, '--run', runDirectory];
    return [...flags, '--nodename', this.name];
  }
}

type Question =
  | {readonly op: 'view'}
  | {readonly op: 'command'; readonly command: Command; readonly wait: boolean}
  | {
      readonly op: 'events';
      readonly service: ReturnType<typeof serviceName>;
      readonly sinceSeq: number;
      readonly limit: number;
      readonly follow: boolean;
    };

function signalGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already: that is what was wanted.
  }
}
