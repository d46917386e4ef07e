/**
 * The fence agent of a simulated daemon: the rules of drivers/fence over simulated power switches.
 * Levels in order, each tried once and again, and only a `status` that says "off" after an `off`
 * that was taken is a success. It is a process of its own: it goes on though its daemon stands
 * still, and ends with the power.
 */

import type {FenceConfig} from '../config/types.ts';
import type {FenceReport} from '../failover/types.ts';
import type {NodeName} from '../kernel/ids.ts';
import type {BmcAction, BmcAnswer, SimBmc} from './bmc.ts';
import type {Life} from './runner.ts';
import {drive, wait} from './work.ts';
import type {Work} from './work.ts';

export interface FencerPorts {
  readonly life: Life;
  /** Whose agent it is. */
  readonly node: NodeName;
  fences(node: NodeName): readonly FenceConfig[];
  bmc(node: NodeName): SimBmc;
  /** What the agent came to, before its daemon hears of it. */
  onReport(node: NodeName, report: FenceReport): void;
  onResult(node: NodeName, attempt: number, report: FenceReport): void;
}

/** An agent starts and logs in, ms. */
const loginMs = 60;
/** Between two looks at a node that is still on, ms. */
const pollMs = 500;

export class SimFencer {
  readonly #ports: FencerPorts;

  constructor(ports: FencerPorts) {
    this.#ports = ports;
  }

  begin(node: NodeName, attempt: number): void {
    const {life} = this.#ports;
    const begunMs = life.nowMs();
    drive(this.#run(node), ({off, level, detail}) => {
      const report = {off, level, detail, durationMs: life.nowMs() - begunMs};
      this.#ports.onReport(node, report);
      life.event(() => this.#ports.onResult(node, attempt, report));
      const isReboot = this.#ports.fences(node).find((one) => one.level === level);
      // The other half of a reboot proves nothing, and nobody waits for it.
      if (off && isReboot?.action === 'reboot') {
        life.outside(loginMs, () => this.#ports.bmc(node).ask(this.#ports.node, 'on', () => {}));
      }
    });
  }

  *#run(node: NodeName): Work<Omit<FenceReport, 'durationMs'>> {
    let said = 'no level of fencing is configured';
    for (const fence of this.#ports.fences(node)) {
      for (let count = 0; count <= fence.retries; count += 1) {
        const outcome = yield* this.#try(fence);
        said = `level ${fence.level}: ${outcome.detail}`;
        if (outcome.off) return {off: true, level: fence.level, detail: said};
      }
    }
    return {off: false, level: null, detail: said};
  }

  *#try(fence: FenceConfig): Work<{readonly off: boolean; readonly detail: string}> {
    const untilMs = this.#ports.life.nowMs() + fence.timeoutMs;
    const ordered = yield* this.#ask(fence, 'off', untilMs);
    if (ordered !== 'done') return {off: false, detail: `off: ${ordered ?? 'no answer'}`};
    for (;;) {
      const state = yield* this.#ask(fence, 'status', untilMs);
      if (state === 'off') return {off: true, detail: 'status: off'};
      if (state !== 'on') return {off: false, detail: `status: ${state ?? 'no answer'}`};
      if (this.#ports.life.nowMs() + 2 * pollMs >= untilMs) {
        return {off: false, detail: 'status: it is still on'};
      }
      yield* this.#rest(pollMs);
    }
  }

  /** null: no answer in time. */
  *#ask(fence: FenceConfig, action: BmcAction, untilMs: number): Work<BmcAnswer | null> {
    const {life, node} = this.#ports;
    yield* this.#rest(loginMs);
    return yield* wait<BmcAnswer | null>((resume) => {
      let isOpen = true;
      const settle = (answer: BmcAnswer | null): void => {
        if (!isOpen) return;
        isOpen = false;
        life.outside(0, () => resume(answer));
      };
      life.outside(Math.max(0, untilMs - life.nowMs()), () => settle(null));
      this.#ports.bmc(fence.node).ask(node, action, settle);
    });
  }

  *#rest(ms: number): Work<void> {
    yield* wait<void>((resume) => {
      this.#ports.life.outside(ms, () => resume());
    });
  }
}
