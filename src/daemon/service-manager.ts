/** What systemd wants to hear. Without it (FreeBSD, a terminal, a container) nothing is said. */

import {openNotify} from '../drivers/host/notify-socket.ts';
import type {Notify} from '../drivers/host/notify-socket.ts';

export interface ServiceManager {
  ready(status: string): void;
  /** The newest of many goes out: a thousand services that start are no thousand messages. */
  status(text: string): void;
  stopping(): void;
  close(): void;
}

const statusMs = 1_000;

/** The daemon is fed from its own loop: a loop that stands still is not alive (sd_notify(3)). */
export async function openServiceManager(
  env: Readonly<Record<string, string | undefined>>,
): Promise<ServiceManager> {
  const path = env['NOTIFY_SOCKET'];
  const notify: Notify =
    path === undefined || path === '' ? () => undefined : await openNotify(path);
  const feedMs = watchdogMs(env) / 2;
  const feeder = feedMs > 0 ? setInterval(() => notify('WATCHDOG=1'), feedMs) : null;
  let latest = '';
  let pause: NodeJS.Timeout | null = null;
  return {
    ready: (status) => notify(`READY=1\nSTATUS=${oneLine(status)}`),
    status: (text) => {
      latest = text;
      pause ??= setTimeout(() => {
        pause = null;
        notify(`STATUS=${oneLine(latest)}`);
      }, statusMs);
    },
    stopping: () => notify('STOPPING=1'),
    close: () => {
      if (feeder !== null) clearInterval(feeder);
      if (pause !== null) clearTimeout(pause);
    },
  };
}

/** The watchdog time that is meant for this process, ms; 0: none. */
export function watchdogMs(env: Readonly<Record<string, string | undefined>>): number {
  const pid = env['WATCHDOG_PID'];
  if (pid !== undefined && pid !== String(process.pid)) return 0;
  const micros = Number(env['WATCHDOG_USEC'] ?? '0');
  return Number.isFinite(micros) && micros > 0 ? micros / 1_000 : 0;
}

function oneLine(text: string): string {
  return text.replaceAll('\n', ' ').slice(0, 200);
}
