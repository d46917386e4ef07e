/**
 * Shut while the daemon looks again after it stood still (SAFETY, section 7): a start that was
 * decided before, and whose record became durable only now, may have lost its ground meanwhile.
 * What waits here is either let through or cancelled by the engine that has looked.
 */
export class StartGate {
  readonly #waiting: (() => void)[] = [];
  #isShut = false;

  get isShut(): boolean {
    return this.#isShut;
  }

  shut(): void {
    this.#isShut = true;
  }

  open(): void {
    this.#isShut = false;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Resolves when it is opened next. */
  opened(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}
