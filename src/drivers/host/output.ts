/**
 * What is kept of a child's output: its head and its tail, and how much was cut between them. A
 * script that floods costs a fixed amount of memory, and both its first complaint and its last line
 * survive.
 */

export interface OutputKeeper {
  push(chunk: Buffer): void;
  /** Bytes that came in, kept or not. */
  readonly totalBytes: number;
  /** As UTF-8; bytes that are none become U+FFFD. */
  text(): string;
}

/** Keeps at most `bytesMax` bytes: a quarter from the head, the rest from the tail. */
export function keepOutput(bytesMax: number): OutputKeeper {
  const headBytesMax = Math.floor(bytesMax / 4);
  const tailBytesMax = bytesMax - headBytesMax;
  const head: Buffer[] = [];
  const tail: Buffer[] = [];
  let headBytes = 0;
  let tailBytes = 0;
  let totalBytes = 0;

  const trimTail = (): void => {
    while (tail.length > 0 && tailBytes - tail[0]!.length >= tailBytesMax) {
      tailBytes -= tail.shift()!.length;
    }
  };

  return {
    get totalBytes() {
      return totalBytes;
    },
    push(chunk) {
      totalBytes += chunk.length;
      const forHead = chunk.subarray(0, headBytesMax - headBytes);
      if (forHead.length > 0) head.push(forHead);
      headBytes += forHead.length;
      if (forHead.length === chunk.length) return;
      tail.push(chunk.subarray(forHead.length));
      tailBytes += chunk.length - forHead.length;
      trimTail();
    },
    text() {
      const headText = Buffer.concat(head).toString('utf8');
      const kept = Buffer.concat(tail).subarray(-tailBytesMax);
      const cutBytes = totalBytes - headBytes - kept.length;
      const marker = cutBytes > 0 ? `\n[... ${cutBytes} bytes cut ...]\n` : '';
      return headText + marker + kept.toString('utf8');
    },
  };
}

/** The last line with something on it, fit for a terminal: no control characters, bounded. */
export function lastLine(text: string, charsMax = 160): string {
  const line = text.trimEnd().split('\n').at(-1) ?? '';
  return printable(line.trim(), charsMax);
}

/** Control characters (escape sequences of a terminal among them) become `?`; too long is cut. */
export function printable(text: string, charsMax: number): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  const safe = text.replaceAll(/[\u0000-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E]/g, '?');
  return safe.length > charsMax ? `${safe.slice(0, charsMax - 3)}...` : safe;
}
