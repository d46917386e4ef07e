/**
 * `ha monitor`: the overview, drawn again every second and at once when something happens, on the
 * alternate screen, so that the terminal is afterwards as it was.
 */

import {exitCodes} from '../../kernel/exit-codes.ts';
import {blank, dim, toText} from '../../status/lines.ts';
import type {Line} from '../../status/lines.ts';
import {ask, askView, nodeFlag} from '../ask.ts';
import type {Invocation} from '../invocation.ts';
import {overviewLines} from '../overview-lines.ts';
import {colourOf} from '../print.ts';
import {misuse} from '../usage.ts';

/** Ages grow by the second, so nothing is gained by drawing more often without an event. */
const redrawMs = 1_000;

/** Alternate screen, no cursor, no wrapping of long lines; and back. */
const enter = '\u001b[?1049h\u001b[?25l\u001b[?7l';
const leave = '\u001b[?7h\u001b[?25h\u001b[?1049l';
const home = '\u001b[H';
const eraseLineEnd = '\u001b[K';
const eraseBelow = '\u001b[J';

export async function monitor(invocation: Invocation): Promise<number> {
  const {world, command} = invocation;
  if (!world.stdout.isTerminal || !world.canAsk) {
    return misuse(world, command, 'expected a terminal; for a pipe there is "ha status"');
  }
  const waker = new Waker();
  const end = new AbortController();
  const stop = (): void => {
    end.abort();
    waker.wake();
  };
  const releaseKeys = world.onKey((key) => {
    if (key === 'q' || key === 'Q' || key === '\u0003') stop();
    else waker.wake();
  });
  const releaseSignals = world.onInterrupt(stop);
  world.stdout.write(enter);
  const following = follow(invocation, waker, end.signal);
  try {
    while (!end.signal.aborted) {
      world.stdout.write(await frame(invocation));
      await waker.sleep(redrawMs);
    }
  } finally {
    world.stdout.write(leave);
    releaseKeys();
    releaseSignals();
    await following;
  }
  return exitCodes.done;
}

/** Any event is a reason to look again; the event itself is not shown here. */
async function follow(invocation: Invocation, waker: Waker, signal: AbortSignal): Promise<void> {
  const question = {
    op: 'events',
    node: nodeFlag(invocation),
    service: null,
    sinceSeq: 0,
    limit: 1,
    follow: true,
  } as const;
  const pause = new Waker();
  signal.addEventListener('abort', () => pause.wake(), {once: true});
  while (!signal.aborted) {
    await ask(invocation, question, {silenceMs: null, signal, onEvent: () => waker.wake()});
    // The daemon is away, or has too many followers: the clock draws on meanwhile.
    if (!signal.aborted) await pause.sleep(redrawMs);
  }
}

async function frame(invocation: Invocation): Promise<string> {
  const {world, flags} = invocation;
  let complaint = '';
  const stderr = {...world.stderr, write: (text: string) => void (complaint += text)};
  const seen = await askView({...invocation, world: {...world, stderr}});
  const body: readonly Line[] =
    typeof seen === 'number'
      ? complaint.split('\n').map((text): Line => [text])
      : await overviewLines(seen, flags['all'] === true);
  const when = new Date(world.wallMs()).toISOString().slice(11, 19);
  const lines = cut([...body, blank, [dim(`${when} UTC, q ends`)]], world.stdout.rows);
  const text = toText(lines, {colour: colourOf(world)}).trimEnd();
  return [home, text.replaceAll('\n', `${eraseLineEnd}\n`), eraseLineEnd, eraseBelow].join('');
}

/** What does not fit is counted: nothing is worse than trouble below the edge of the screen. */
function cut(lines: readonly Line[], rows: number): readonly Line[] {
  if (lines.length <= rows) return lines;
  const shown = lines.slice(0, Math.max(1, rows - 1));
  return [...shown, [dim(`${lines.length - shown.length} more lines: ha status`)]];
}

/** A sleep that an event ends early. */
class Waker {
  #resolve: (() => void) | null = null;
  #woken = false;

  wake(): void {
    this.#woken = true;
    this.#resolve?.();
  }

  async sleep(durationMs: number): Promise<void> {
    if (!this.#woken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, durationMs);
        this.#resolve = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#resolve = null;
    this.#woken = false;
  }
}
