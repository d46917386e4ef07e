/**
 * Cuts a byte stream into lines with a limit, so that a peer that never sends a line feed costs a
 * bounded amount of memory and gets a sentence instead of silence.
 */

const lineFeed = 10;

export class LineSplitter {
  readonly #bytesMax: number;
  readonly #decoder = new TextDecoder('utf-8', {fatal: false});
  #pieces: Uint8Array[] = [];
  #pendingBytes = 0;
  #broken = false;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Bytes of a line whose end has not come yet. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** True after a line above the limit: nothing more can be read, the connection must end. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Complete lines without their line feeds; bytes are copied where they are kept. */
  push(bytes: Uint8Array): readonly string[] {
    const lines: string[] = [];
    let start = 0;
    while (!this.#broken) {
      const end = bytes.indexOf(lineFeed, start);
      const stop = end < 0 ? bytes.length : end;
      this.#broken = this.#pendingBytes + stop - start > this.#bytesMax;
      if (this.#broken) break;
      if (end < 0) {
        this.#keep(bytes.slice(start));
        break;
      }
      lines.push(this.#finish(bytes.subarray(start, end)));
      start = end + 1;
    }
    if (this.#broken) this.#pieces = [];
    return lines;
  }

  #keep(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#pieces.push(piece);
    this.#pendingBytes += piece.length;
  }

  #finish(last: Uint8Array): string {
    if (this.#pieces.length === 0) return this.#decoder.decode(last);
    const whole = new Uint8Array(this.#pendingBytes + last.length);
    let offset = 0;
    for (const piece of [...this.#pieces, last]) {
      whole.set(piece, offset);
      offset += piece.length;
    }
    this.#pieces = [];
    this.#pendingBytes = 0;
    return this.#decoder.decode(whole);
  }
}
