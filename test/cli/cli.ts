/**
 * Runs command lines in this process: the real parser, the real commands and a real socket, with a
 * world whose output is kept. `serve` is the daemon's side: the real server of the control room.
 */

import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {onTestFinished} from 'vitest';
import type {Question} from '../../src/cli/ask.ts';
import {run} from '../../src/cli/run.ts';
import type {World} from '../../src/cli/world.ts';
import {listenUnix} from '../../src/control/io/unix-server.ts';
import type {Exchange} from '../../src/control/io/session.ts';
import {controlSocketPath} from '../../src/control/paths.ts';
import type {Request} from '../../src/control/types.ts';
import {exitCodes} from '../../src/kernel/exit-codes.ts';
import type {StatusView} from '../../src/status/model.ts';

export const nowMs = Date.parse('2026-11-20T22:15:29.120Z');

export interface Outcome {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Circumstances {
  readonly programName?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly platform?: string;
  /** Both outputs are terminals, and a person sits there. */
  readonly terminal?: boolean;
  /** What the person types when asked; null: nothing. */
  readonly answer?: string | null;
  /** What an editor does that is started with these words; null: it ended well. */
  readonly edit?: (words: readonly string[]) => Promise<string | null>;
  /** Called with each text that is written to stderr, to press keys at the right moment. */
  readonly onStderr?: (text: string, hands: Hands) => void;
  readonly onStdout?: (text: string, hands: Hands) => void;
}

/** What the person at the terminal can do. */
interface Hands {
  interrupt(): void;
  press(key: string): void;
}

/** A place of its own for one test, gone afterwards. */
export class Place {
  readonly directory = mkdtempSync(join(tmpdir(), 'ha-cli-'));

  constructor() {
    onTestFinished(() => rmSync(this.directory, {recursive: true, force: true}));
  }

  get env(): Readonly<Record<string, string>> {
    const {directory} = this;
    return {
      HA_CONF: join(directory, 'conf'),
      HA_STATE: join(directory, 'state'),
      HA_RUN: directory,
      HA_NODE: 'node1',
      TERM: 'xterm',
    };
  }

  async ha(line: readonly string[], circumstances: Circumstances = {}): Promise<Outcome> {
    let stdout = '';
    let stderr = '';
    const interrupts = new Set<() => void>();
    const keys = new Set<(key: string) => void>();
    const hands: Hands = {
      interrupt: () => interrupts.forEach((listener) => listener()),
      press: (key) => keys.forEach((listener) => listener(key)),
    };
    const isTerminal = circumstances.terminal === true;
    const size = {isTerminal, columns: 100, rows: 30};
    const world: World = {
      programName: circumstances.programName ?? 'ha',
      args: line,
      env: {...this.env, ...circumstances.env},
      platform: circumstances.platform ?? 'linux',
      stdout: {
        ...size,
        write: (text) => {
          stdout += text;
          circumstances.onStdout?.(text, hands);
        },
      },
      stderr: {
        ...size,
        write: (text) => {
          stderr += text;
          circumstances.onStderr?.(text, hands);
        },
      },
      canAsk: isTerminal,
      ask: (question) => {
        stderr += question;
        return Promise.resolve(circumstances.answer ?? null);
      },
      runAtTerminal: (words) => circumstances.edit?.(words) ?? Promise.resolve('no such program'),
      onKey: (listener) => {
        keys.add(listener);
        return () => void keys.delete(listener);
      },
      onInterrupt: (listener) => {
        interrupts.add(listener);
        return () => void interrupts.delete(listener);
      },
      actor: () => Promise.resolve('root@pts/1'),
      wallMs: () => nowMs,
    };
    const exit = await run(world);
    const hide = (text: string): string => text.replaceAll(this.directory, '/tmp/ha');
    return {exit, stdout: hide(stdout), stderr: hide(stderr)};
  }
}

/** Requests as they came, without what is the same in all of them. */
type Seen = Question & {readonly actor: string};

export interface Daemon {
  readonly requests: Seen[];
}

export type Handler = (request: Request, exchange: Exchange) => void;

/** A daemon that answers views with the given one, commands with `done`, and ends when told. */
export async function serve(
  place: Place,
  view: StatusView,
  onCommand: Handler = answerDone,
): Promise<Daemon> {
  const requests: Seen[] = [];
  const server = await listenUnix(controlSocketPath(place.directory), (request, exchange) => {
    const {v: _v, id: _id, ...rest} = request;
    requests.push(rest);
    if (request.op === 'view' && request.node === null) {
      exchange.reply({kind: 'end', exit: exitCodes.done, text: '', data: view});
    } else onCommand(request, exchange);
    const ends = request.op === 'command' && request.command.verb === 'shutdown';
    if (ends && server.ok) void server.value.close();
  });
  if (!server.ok) throw new Error(server.error.message);
  onTestFinished(() => server.value.close());
  return {requests};
}

export const answerDone: Handler = (request, exchange) => {
  const text = request.op === 'command' ? `${request.command.verb}: done` : '';
  exchange.reply({kind: 'end', exit: exitCodes.done, text, data: null});
};

/** The commands among the requests, as `node: verb`. */
export function orders(daemon: Daemon): readonly string[] {
  return daemon.requests.flatMap((request) =>
    'command' in request ? [`${request.node ?? 'here'}: ${request.command.verb}`] : [],
  );
}
