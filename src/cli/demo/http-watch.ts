/**
 * A client of the service that knows nothing of the cluster: asks every 50 ms over a new connection
 * and remembers who answered, and for how long nobody did.
 */

import {get} from 'node:http';

const intervalMs = 50;
/** A server on this machine that needs longer is as good as none. */
const answerMsMax = 1_000;
const bodyBytesMax = 256;

export interface HttpSeen {
  /** The node that answered last; null: nobody did. */
  readonly node: string | null;
  /** How long it has been so, ms. */
  readonly ageMs: number;
  /** Longest time without an answer since the last `mark`, ms; 0: every question was answered. */
  readonly silenceMs: number;
  /** All that answered since the last `mark`. */
  readonly answered: readonly string[];
}

export class HttpWatch {
  readonly #port: number;
  #node: string | null = null;
  #sinceMs = performance.now();
  #silenceMs = 0;
  #silentSinceMs: number | null = null;
  readonly #answered = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(port: number) {
    this.#port = port;
    void this.#ask();
  }

  get seen(): HttpSeen {
    const nowMs = performance.now();
    const silentMs = this.#silentSinceMs === null ? 0 : nowMs - this.#silentSinceMs;
    return {
      node: this.#node,
      ageMs: nowMs - this.#sinceMs,
      silenceMs: Math.max(this.#silenceMs, silentMs),
      answered: [...this.#answered],
    };
  }

  /** Counts silence and answers anew from now on. */
  mark(): void {
    this.#silenceMs = 0;
    if (this.#silentSinceMs !== null) this.#silentSinceMs = performance.now();
    this.#answered.clear();
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #ask(): Promise<void> {
    const askedMs = performance.now();
    this.#note(await answer(this.#port), askedMs);
    if (this.#closed) return;
    const restMs = Math.max(0, intervalMs - (performance.now() - askedMs));
    this.#timer = setTimeout(() => void this.#ask(), restMs);
  }

  #note(node: string | null, askedMs: number): void {
    if (node === null) {
      this.#silentSinceMs ??= askedMs;
    } else {
      this.#answered.add(node);
      if (this.#silentSinceMs !== null) {
        this.#silenceMs = Math.max(this.#silenceMs, performance.now() - this.#silentSinceMs);
      }
      this.#silentSinceMs = null;
    }
    if (node === this.#node) return;
    this.#node = node;
    this.#sinceMs = performance.now();
  }
}

/** The first line of the answer, or null where none came in time. */
function answer(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(answerMsMax);
    const request = get({host: '127.0.0.1', port, agent: false, signal}, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body = (body + chunk).slice(0, bodyBytesMax);
      });
      response.on('end', () => resolve(body.split('\n')[0] ?? ''));
      response.on('error', () => resolve(null));
    });
    request.on('error', () => resolve(null));
  });
}
