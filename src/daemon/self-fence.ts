/**
 * This node ends itself, because it may not run what it could not stop. The method of the
 * configuration first; where that fails, or this process still lives after it, the next one.
 */

import {writeFile} from 'node:fs/promises';
import type {Watchdog, WatchdogOrder} from '../arbitration/io/watchdog.ts';
import {run} from '../drivers/host/run.ts';

const methods = ['watchdog', 'sysrq', 'reboot', 'exit'] as const;
type Method = (typeof methods)[number];

export interface SelfFencePorts {
  readonly watchdog: Pick<Watchdog, 'fence'>;
  /** What the watchdog is armed with where it is not armed yet. */
  readonly order: WatchdogOrder;
  readonly say: (text: string) => void;
  /** Ends this process at once, with whatever it runs left alone. */
  readonly exit: () => void;
  /** `/proc/sysrq-trigger`; another path in tests. */
  readonly sysrqPath?: string;
  readonly rebootCommand?: readonly string[];
}

/** How long a method may take to end this process before it counts as failed, ms. */
const aliveMsMax = 3_000;
/** Immediately: no unit is stopped and nothing is written back to disks that are not ours. */
const rebootDefault = ['reboot', '-f', '-f'];

/** Ends only where nothing has ended this process. */
export async function selfFence(first: Method, ports: SelfFencePorts): Promise<void> {
  for (const method of methods.slice(methods.indexOf(first))) {
    ports.say(`self-fence by ${method}`);
    try {
      await wait((await carryOut(method, ports)) + aliveMsMax);
      ports.say(`self-fence by ${method}: this process is still there`);
    } catch (error) {
      ports.say(`self-fence by ${method} failed: ${String(error)}`);
    }
  }
}

/** How long it takes to have an effect, ms. */
async function carryOut(method: Method, ports: SelfFencePorts): Promise<number> {
  switch (method) {
    case 'watchdog':
      return ports.watchdog.fence(ports.order);
    case 'sysrq':
      await writeFile(ports.sysrqPath ?? '/proc/sysrq-trigger', 'b', {flag: 'r+'});
      return 0;
    case 'reboot': {
      const argv = ports.rebootCommand ?? rebootDefault;
      const outcome = await run({argv, deadlineMs: aliveMsMax});
      if (outcome.code !== 0) throw new Error(`${outcome.kind} ${outcome.fault}${outcome.stderr}`);
      return 0;
    }
    case 'exit':
      ports.exit();
      return 0;
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
