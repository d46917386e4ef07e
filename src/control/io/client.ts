/**
 * The other end of the control socket, for the command line. It loads next to nothing, because the
 * time that `ha status` takes is mostly the time to load it.
 */

import {connect} from 'node:net';
import type {Result} from '../../kernel/result.ts';
import {LineSplitter} from '../line-splitter.ts';
import {lineBytesMax} from '../types.ts';
import type {ReplyLine, Request} from '../types.ts';

export type CallEnd = Omit<Extract<ReplyLine, {readonly kind: 'end'}>, 'kind' | 'id'>;

export interface CallOptions {
  readonly socketPath: string;
  readonly request: Request;
  readonly onProgress?: (text: string) => void;
  readonly onEvent?: (record: unknown) => void;
  /** No line for this long ends the call with `HA_DAEMON_SILENT`, ms; null: waits for ever. */
  readonly silenceMs: number | null;
  /** Ends the wait; what was ordered goes on. */
  readonly signal?: AbortSignal;
}

/**
 * One request and its end. Errors: `HA_DAEMON_UNREACHABLE` (nobody listens), `HA_DAEMON_DENIED`
 * (not permitted), `HA_DAEMON_SILENT`, `HA_DAEMON_GONE` (ended half way), `HA_DETACHED` (the
 * signal).
 */
export function call(options: CallOptions): Promise<Result<CallEnd>> {
  return new Promise((resolve) => {
    const {socketPath, request, silenceMs, signal} = options;
    const splitter = new LineSplitter(lineBytesMax);
    const socket = connect(socketPath);
    const finish = (result: Result<CallEnd>): void => {
      signal?.removeEventListener('abort', detach);
      socket.destroy();
      resolve(result);
    };
    const fail = (code: string, message: string): void => {
      finish({ok: false, error: {code, message}});
    };
    const detach = (): void => fail('HA_DETACHED', 'detached; what was ordered goes on');
    signal?.addEventListener('abort', detach, {once: true});
    if (silenceMs !== null) {
      const text = `the daemon did not answer within ${silenceMs} ms`;
      socket.setTimeout(silenceMs, () => fail('HA_DAEMON_SILENT', text));
    }
    socket.on('error', (error: NodeJS.ErrnoException) => {
      fail(codeOf(error), `the daemon is not reachable on ${socketPath}: ${error.message}`);
    });
    socket.on('close', () => fail('HA_DAEMON_GONE', 'the daemon ended before it answered'));
    socket.on('data', (bytes: Uint8Array) => {
      for (const text of splitter.push(bytes)) {
        const end = take(text, options);
        if (end !== null) finish({ok: true, value: end});
      }
      if (splitter.broken)
        fail('HA_DAEMON_GONE', `the daemon sent more than ${lineBytesMax} bytes`);
    });
    socket.write(`${JSON.stringify(request)}\n`);
  });
}

/** The end of the call, or null where more is to come. */
function take(text: string, options: CallOptions): CallEnd | null {
  let line: ReplyLine;
  try {
    line = JSON.parse(text) as ReplyLine;
  } catch {
    return {exit: 1, text: `the daemon answered ${JSON.stringify(text.slice(0, 40))}`, data: null};
  }
  // A refusal of the connection itself carries the id 0.
  if (line.id !== options.request.id && line.id !== 0) return null;
  if (line.kind === 'progress') options.onProgress?.(line.text);
  else if (line.kind === 'event') options.onEvent?.(line.record);
  else return {exit: line.exit, text: line.text, data: line.data};
  return null;
}

function codeOf(error: NodeJS.ErrnoException): string {
  if (error.code === 'EACCES' || error.code === 'EPERM') return 'HA_DAEMON_DENIED';
  return error.code === 'ENOENT' || error.code === 'ECONNREFUSED'
    ? 'HA_DAEMON_UNREACHABLE'
    : 'HA_DAEMON_GONE';
}
