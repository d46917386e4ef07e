/**
 * Pure rooms know no time, no chance and no operating system: what they need is handed in. One
 * hidden clock would end the promise that a recorded incident replays byte for byte.
 */

import {codeOnly} from './code-only.ts';
import {lineAt, type Check} from './files.ts';
import {pureRooms, roomOf} from './imports.ts';

/** The global by its members: a variable of that name is a matter of taste. */
const processUse = new RegExp(
  String.raw`(?<![.\w])process(?:\[|\.(?:argv|cwd|env|exit|hrtime|memory|nextTick|std|uptime))`,
  'g',
);

const banned: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\b/g, 'Date.now: take nowMs'],
  [/\bnew Date\(\s*\)/g, 'new Date(): take the wall clock as a value'],
  [/(?<![.\w])performance\b(?=\s*\.)/g, 'performance: take nowMs'],
  [/\bset(?:Timeout|Interval|Immediate)\b/g, 'a timer: use the clock of the kernel'],
  [/\bqueueMicrotask\b/g, 'queueMicrotask: return data instead'],
  [/\bMath\.random\b/g, 'Math.random: use the seeded chance of the kernel'],
  [processUse, 'process: hand the value in'],
  [/(?<![.\w])crypto\b(?=\s*\.)/g, 'crypto: hand the function in'],
  [/\bconsole\b(?=\s*\.)/g, 'console: return a notice'],
  [/\bglobalThis\b/g, 'globalThis: hand the value in'],
  [/(?<![.\w])fetch\(/g, 'fetch: hand the answer in'],
  [/\bimport\.meta\b/g, 'import.meta: hand the path in'],
];

/** Uses of the outside world in the pure rooms of src/. */
export const checkPurity: Check = (files) =>
  files
    .filter(({path}) => path.startsWith('src/') && pureRooms.includes(roomOf(path)))
    .flatMap(({path, text}) => {
      const code = codeOnly(text);
      return banned.flatMap(([pattern, why]) =>
        [...code.matchAll(pattern)].map((match) => `${path}:${lineAt(code, match.index)}: ${why}`),
      );
    });
