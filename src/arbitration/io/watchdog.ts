/**
 * The watchdog of this node as the engine orders it. One call at a time and each within a deadline:
 * a driver that blocks costs one thread of the pool and is reported. It is fed only on an order,
 * and only while the right that the order rests on lasts, looked at right before the write.
 */

import {detectVirtualMachine} from '../../drivers/host/virtual-machine.ts';
import {openWatchdog} from '../../drivers/host/watchdog-device.ts';
import type {WatchdogDevice} from '../../drivers/host/watchdog-device.ts';
import {gradeWatchdog} from '../watchdog.ts';
import type {WatchdogNature, WatchdogReport} from '../watchdog.ts';

export interface WatchdogPorts {
  readonly report: (report: WatchdogReport) => void;
  /** Monotonic ms. */
  readonly nowMs: () => number;
  /** Replaced by tests of a driver that blocks. */
  readonly open?: typeof openWatchdog;
}

export interface WatchdogOrder {
  readonly device: string;
  readonly timeoutMs: number;
  readonly assume: WatchdogNature['assume'];
}

/** Longest time for opening it or closing it, ms. */
const callMsMax = 3_000;
/** Feeds that may fail one after the other; at four per time-out the last one is still in time. */
const failuresMax = 3;
/** A driver may round the time-out up, never to more than this many times what was asked. */
const roundingMax = 2;

export class Watchdog {
  readonly #ports: WatchdogPorts;
  readonly #openDevice: typeof openWatchdog;
  #device: WatchdogDevice | null = null;
  #feeding: Promise<void> | null = null;
  #failureCount = 0;
  #isFencing = false;
  #closing: Promise<void> = Promise.resolve();

  constructor(ports: WatchdogPorts) {
    this.#ports = ports;
    this.#openDevice = ports.open ?? openWatchdog;
  }

  /** Opens it; the answer comes as a report. */
  arm(order: WatchdogOrder): void {
    void this.#open(order).then(
      (report) => this.#ports.report(report),
      (error: unknown) => this.#ports.report({state: 'failed', detail: detailOf(error)}),
    );
  }

  feed(untilMs: number): void {
    const device = this.#device;
    const atMs = this.#ports.nowMs();
    if (device === null || this.#feeding !== null || this.#isFencing || atMs >= untilMs) return;
    this.#feeding = within(device.feed(), device.timeoutMs).then(
      () => this.#fed(atMs),
      (error: unknown) => this.#failed(device, error),
    );
  }

  release(): void {
    const device = this.#device;
    this.#device = null;
    if (device === null) return;
    const release = async (): Promise<void> => {
      await this.#feeding;
      await within(device.release(), callMsMax);
    };
    this.#closing = release().then(
      () => this.#ports.report({state: 'released'}),
      (error: unknown) => {
        device.abandon();
        const detail = `it could not be disarmed and resets this node: ${detailOf(error)}`;
        this.#ports.report({state: 'failed', detail});
      },
    );
  }

  /**
   * Never fed again, and its time-out cut short. The time until it fires, ms; rejects where there
   * is no watchdog to rely on.
   */
  async fence(order: WatchdogOrder): Promise<number> {
    this.#isFencing = true;
    this.#device ??= await within(this.#openDevice(order.device, order.timeoutMs), callMsMax);
    await within(this.#device.shorten(), callMsMax);
    return this.#device.timeoutMs;
  }

  /** Waits for a release that was ordered. What is still armed stays armed. */
  async close(): Promise<void> {
    await this.#closing;
  }

  async #open(order: WatchdogOrder): Promise<WatchdogReport> {
    const opening = this.#openDevice(order.device, order.timeoutMs);
    const device = await within(opening, callMsMax, () => void opening.then(releaseLate, ignore));
    const {timeoutMs, identity, isDriver, mayRelease} = device;
    const unfit = unfitness(device, order);
    if (unfit !== null) {
      await within(device.release(), callMsMax);
      return {state: 'failed', detail: unfit};
    }
    this.#device = device;
    this.#failureCount = 0;
    const isVirtual = await detectVirtualMachine();
    const grade = gradeWatchdog({identity, isDriver, isVirtual, assume: order.assume});
    return {state: 'armed', timeoutMs, identity, mayRelease, ...grade};
  }

  #fed(atMs: number): void {
    this.#feeding = null;
    this.#failureCount = 0;
    this.#ports.report({state: 'fed', atMs});
  }

  #failed(device: WatchdogDevice, error: unknown): void {
    this.#feeding = null;
    this.#failureCount += 1;
    const isStuck = error instanceof DeadlineError;
    if (this.#device !== device || (!isStuck && this.#failureCount < failuresMax)) return;
    this.#device = null;
    device.abandon();
    this.#ports.report({state: 'failed', detail: `it cannot be fed: ${detailOf(error)}`});
  }
}

class DeadlineError extends Error {}

/** Why this device is not what was asked for, or null. */
function unfitness(device: WatchdogDevice, order: WatchdogOrder): string | null {
  if (device.timeoutMs > order.timeoutMs * roundingMax) {
    return `its time-out is ${device.timeoutMs} ms, and ${order.timeoutMs} ms were asked for`;
  }
  if (device.isDriver || order.assume === 'external-watchdog') return null;
  return `${order.device} is a FIFO and no watchdog of the kernel`;
}

/** Rejects at the deadline; what was begun goes on and `late` may look after it. */
function within<Value>(work: Promise<Value>, ms: number, late?: () => void): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      late?.();
      reject(new DeadlineError(`the driver gave no answer in ${ms} ms`));
    }, ms);
    const settle = (end: () => void): void => {
      clearTimeout(timer);
      end();
    };
    work.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error instanceof Error ? error : new Error('?'))),
    );
  });
}

/** It opened after all, which has armed it: nobody would feed it. */
function releaseLate(device: WatchdogDevice): void {
  device.release().catch(ignore);
}

function ignore(): void {}

function detailOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
