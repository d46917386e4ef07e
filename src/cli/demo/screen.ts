/** Where the demo is shown: redrawn in place on a terminal, line by line anywhere else. */

import {formatAge} from '../../kernel/duration.ts';
import {demoNodes, type DemoNodeName} from './layout.ts';
import {picture, summary, wrap, type Scene} from './picture.ts';
import type {Proof} from './player.ts';
import type {Sight} from './sight.ts';
import type {Step} from './steps.ts';

export interface Screen {
  begin(step: Step, number: number): void;
  sight(scene: Scene): void;
  proof(proof: Proof): void;
  /** Text that stays: commands to try, a failure. */
  say(lines: readonly string[]): void;
}

type Write = (text: string) => void;

const up = (count: number): string => (count === 0 ? '' : `\u001B[${count}A`);
const clearLine = '\u001B[K';
const clearBelow = '\u001B[J';

/** A picture that is drawn over the one before; what is said stays above it. */
export function liveScreen(write: Write): Screen {
  let drawn = 0;
  return {
    begin: () => {},
    proof: () => {},
    sight(scene) {
      const lines = picture(scene);
      const text = lines.map((line) => `${line}${clearLine}\n`).join('');
      write(`${up(drawn)}\r${text}${clearBelow}`);
      drawn = lines.length;
    },
    say(lines) {
      write(`${up(drawn)}\r${clearBelow}${lines.join('\n')}\n\n`);
      drawn = 0;
    },
  };
}

/** A line for each thing that happens: for pipes, logs and small terminals. */
export function plainScreen(write: Write): Screen {
  const last: Partial<Record<DemoNodeName | 'http', string>> = {};
  const print = (line: string): void => write(`${line}\n`);
  const note = (key: DemoNodeName | 'http', text: string, elapsedMs: number): void => {
    if (last[key] === text) return;
    last[key] = text;
    print(`   ${formatAge(elapsedMs).padStart(8)}  ${key.padEnd(6)} ${text}`);
  };
  const http = ({http: seen}: Sight): string =>
    seen.node === null ? 'nobody answers' : `${seen.node} answers`;
  return {
    begin(step, number) {
      print(`${number}. ${step.title}`);
      for (const line of wrap(step.why, 74, '   ')) print(line);
    },
    sight({sight, elapsedMs}) {
      for (const name of demoNodes) note(name, summary(sight, name), elapsedMs);
      note('http', http(sight), elapsedMs);
    },
    proof({durationMs, seen}) {
      const text = `seen after ${formatAge(durationMs)}: ${seen.join('; ')}`;
      for (const line of wrap(text, 74, '   ')) print(line);
    },
    say(lines) {
      for (const line of lines) print(line);
    },
  };
}
