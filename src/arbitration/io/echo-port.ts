/** Two ways to ask a ping target: a raw socket of our own, and where there is none, ping(8). */

import {randomBytes} from 'node:crypto';
import {openIcmp, type IcmpSocket} from '../../drivers/host/icmp-socket.ts';
import {run} from '../../drivers/host/run.ts';
import {decodeReply, echoTokenBytes, encodeEcho} from '../icmp-echo.ts';

export interface Answer {
  readonly target: string;
  /** Of the question, as given. */
  readonly sequence: number;
}

export interface EchoPort {
  /** `sequence`: 16 bits. Null: asked; else why not. Never waits. */
  ask(target: string, sequence: number): string | null;
  /** Answers that have come since the last call. */
  take(): readonly Answer[];
  close(): void;
}

/** Packets looked at in one call: a flood of others' must not hold up the loop. */
const packetsMax = 256;

export async function openEcho(intervalMs: number): Promise<EchoPort> {
  const socket = await openIcmp();
  return socket === null || typeof socket === 'string'
    ? programPort(intervalMs)
    : socketPort(socket);
}

function socketPort(socket: IcmpSocket): EchoPort {
  const token = new Uint8Array(randomBytes(echoTokenBytes));
  const id = randomBytes(2).readUInt16BE();
  return {
    ask: (target, sequence) => socket.send(target, encodeEcho({id, sequence, token})),
    take: () => {
      const answers: Answer[] = [];
      for (let count = 0; count < packetsMax; count += 1) {
        const packet = socket.receive();
        if (packet === null) break;
        const reply = decodeReply(packet);
        if (reply === null || reply.id !== id || Buffer.compare(reply.token, token) !== 0) continue;
        answers.push({target: reply.from, sequence: reply.sequence});
      }
      return answers;
    },
    close: () => socket.close(),
  };
}

/** One process per question: only where there is no other way. The next one waits for its end. */
export function programPort(intervalMs: number): EchoPort {
  const answers: Answer[] = [];
  const running = new Set<string>();
  const stop = new AbortController();
  const seconds = Math.max(1, Math.ceil(intervalMs / 1_000));
  let fault: string | null = null;
  const ask = async (target: string, sequence: number): Promise<void> => {
    const argv = ['ping', '-n', '-q', '-c', '1', '-W', String(seconds), target];
    const result = await run({argv, deadlineMs: (seconds + 1) * 1_000, signal: stop.signal});
    running.delete(target);
    fault = result.kind === 'spawn-failed' ? result.fault : null;
    if (result.kind === 'exited' && result.code === 0) answers.push({target, sequence});
  };
  return {
    ask: (target, sequence) => {
      if (!running.has(target)) {
        running.add(target);
        void ask(target, sequence);
      }
      return fault;
    },
    take: () => answers.splice(0),
    close: () => stop.abort(),
  };
}
