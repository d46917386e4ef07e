/**
 * Style is a test: each check is first shown to fail on a bad sample, then run over the project.
 */

import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {spawnSync} from 'node:child_process';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {codeOnly} from './tidy/code-only.ts';
import {checkDependencies, checkOpenings} from './tidy/documents.ts';
import {projectRoot, readFiles, type Check, type TextFile} from './tidy/files.ts';
import {checkImports} from './tidy/imports.ts';
import {checkPurity} from './tidy/purity.ts';
import {checkHotPath, checkReach} from './tidy/reach.ts';
import {checkFocus, checkLength, checkTraces, checkUnfinished, checkWidth} from './tidy/text.ts';

const project = readFiles('.');
const sample = (path: string, ...lines: readonly string[]): TextFile => ({
  path,
  text: `${lines.join('\n')}\n`,
});

describe('the project', () => {
  test.each<readonly [string, Check]>([
    ['imports only what the table of rooms allows', checkImports],
    ['keeps time, chance and the system out of the pure rooms', checkPurity],
    ['keeps lines within 100 columns', checkWidth],
    ['keeps files within 500 lines', checkLength],
    ['has no work that was put off', checkUnfinished],
    ['has no focused or silently skipped tests', checkFocus],
    ['names no path or host of one machine', checkTraces],
    ['has no source file that nothing reaches', (files) => checkReach(files)],
    ['keeps heavy rooms out of the start of the client', checkHotPath],
    ['says on each page who needs it', checkOpenings],
    ['lists its dependencies on their page', checkDependencies],
  ])('%s', (_title, check) => {
    expect(check(project)).toEqual([]);
  });
});

describe('imports', () => {
  test.each([
    ['kernel nothing', 'src/kernel/a.ts', "import {x} from '../config/b.ts';"],
    ['a room no other room', 'src/fsm/a.ts', "import {x} from '../heartbeat/b.ts';"],
    ['a room config only as types', 'src/fsm/a.ts', "import {x} from '../config/b.ts';"],
    ['status only types of engine', 'src/status/a.ts', "import {x} from '../engine/b.ts';"],
    ['a pure room not its io', 'src/journal/a.ts', "import {x} from './io/b.ts';"],
    ['a pure room nothing of node', 'src/engine/a.ts', "import {x} from 'node:fs/promises';"],
    ['the simulator no drivers', 'src/sim/a.ts', "import {x} from '../drivers/b.ts';"],
    ['the simulator no io', 'src/sim/a.ts', "import {x} from '../journal/io/b.ts';"],
    ['the client no daemon', 'src/cli/a.ts', "import {x} from '../daemon/b.ts';"],
    ['the daemon no client', 'src/daemon/a.ts', "import {x} from '../cli/b.ts';"],
    ['dgram only in heartbeat/io', 'src/daemon/a.ts', "import {x} from 'node:dgram';"],
    ['children only in drivers/host', 'src/cli/a.ts', "import {x} from 'node:child_process';"],
    ['koffi only in drivers/host', 'src/daemon/a.ts', "await import('koffi');"],
    ['xstate only in fsm and engine', 'src/sim/a.ts', "import {x} from 'xstate';"],
    ['pino only in daemon and io', 'src/cli/a.ts', "import {x} from 'pino';"],
    ['no package that is not listed', 'src/cli/a.ts', "import {x} from 'left-pad';"],
    ['the ending is written', 'src/cli/a.ts', "import {x} from './b.js';"],
    ['re-exports count', 'src/kernel/a.ts', "export * from '../config/b.ts';"],
    ['bare imports count', 'src/kernel/a.ts', "import '../config/b.ts';"],
    ['over several lines', 'src/kernel/a.ts', "import {\n  x,\n} from '../config/b.ts';"],
  ])('%s', (_title, path, line) => {
    expect(checkImports([sample(path, line)])).toHaveLength(1);
  });

  test('what the table grants passes', () => {
    const files = [
      sample('src/fsm/a.ts', "import type {X} from '../config/types.ts';", "import 'xstate';"),
      sample('src/heartbeat/io/a.ts', "import {x} from 'node:dgram';", "import '../frame.ts';"),
      sample('src/cli/a.ts', "const sim = await import('../sim/run.ts');"),
      sample('src/daemon/a.ts', "import {x} from '../drivers/host/run.ts';", "import 'pino';"),
    ];
    expect(checkImports(files)).toEqual([]);
  });
});

describe('purity', () => {
  test.each([
    'const now = Date.now();',
    'const now = new Date();',
    'setTimeout(f, 1);',
    'const x = Math.random();',
    'const home = process.env;',
    'console.log(1);',
    'const x = `${performance.now()}`;',
    'const id = crypto.randomUUID();',
  ])('%s', (line) => {
    expect(checkPurity([sample('src/engine/a.ts', line)])).toHaveLength(1);
    expect(checkPurity([sample('src/engine/io/a.ts', line)])).toHaveLength(0);
  });

  test('comments, strings and regular expressions are not code', () => {
    const lines = [
      '// Date.now() is banned',
      '/* Math.random() */',
      "const a = 'Date.now()';",
      'const b = `Date.now() ${a} Math.random()`;',
      'const c = /["\'`]/; const d = "Date.now()";',
      'const e = new Date(ms).toISOString();',
    ];
    expect(checkPurity([sample('src/engine/a.ts', ...lines)])).toEqual([]);
  });

  test('blanking keeps every position', () => {
    for (const {text} of project.filter(({path}) => path.endsWith('.ts'))) {
      const code = codeOnly(text);
      expect(code).toHaveLength(text.length);
      expect(code.split('\n')).toHaveLength(text.split('\n').length);
    }
  });
});

describe('text', () => {
  test.each<readonly [string, Check, TextFile]>([
    ['a wide line', checkWidth, sample('src/a.ts', 'x'.repeat(101))],
    ['a wide comment in a test', checkWidth, sample('test/a.ts', `// ${'x'.repeat(101)}`)],
    ['a long file', checkLength, sample('src/a.ts', ...Array<string>(501).fill('x'))],
    ['put off', checkUnfinished, sample('src/a.ts', '// TODO: later')],
    ['focused', checkFocus, sample('test/a.test.ts', 'test.only("x", f);')],
    ['skipped', checkFocus, sample('test/a.test.ts', 'describe.skip("x", f);')],
    ['a machine path', checkTraces, sample('docs/a.md', 'see /home/me/main')],
    ['a registry', checkTraces, sample('a.json', 'https://registry.npmjs.org/x')],
    ['no opening', checkOpenings, sample('docs/a.md', '# Title', '', 'Text.')],
    ['no title', checkOpenings, sample('docs/a.md', 'Text.')],
  ])('%s is found', (_title, check, file) => {
    expect(check([file])).toHaveLength(1);
  });

  test('a wide line of an expected output passes in a test, and only there', () => {
    const lines = ['expect(text).toBe(`', 'x'.repeat(101), '`);'];
    expect(checkWidth([sample('test/a.test.ts', ...lines)])).toEqual([]);
    expect(checkWidth([sample('src/a.ts', ...lines)])).toHaveLength(1);
  });

  test('a missing, a foreign and a doubled dependency are found', () => {
    const manifest = sample('package.json', '{"dependencies": {"a": "1", "b": "1"}}');
    const page = sample('docs/dependencies.md', '| `b` | x |', '| `c` | x |', '| `b` | y |');
    expect(checkDependencies([manifest, page])).toHaveLength(3);
  });
});

test('a dead file is found, a started and a lazily loaded one are not', () => {
  const files = [
    sample('src/cli/main.ts', "await import('./lazy.ts');", "import '../kernel/used.ts';"),
    sample('src/cli/lazy.ts', "const child = new URL('./child.js', import.meta.url);"),
    sample('src/cli/child.ts', ''),
    sample('src/kernel/used.ts', ''),
    sample('src/kernel/dead.ts', "import './used.ts';"),
  ];
  expect(checkReach(files, ['src/cli/main.ts'])).toEqual([
    'src/kernel/dead.ts:1: reached from no entry (src/cli/main.ts)',
  ]);
});

/**
 * Function length, parameters, nesting and default exports are rules of oxlint: are they switched
 * on?
 */
describe('oxlint refuses', () => {
  const body = Array.from({length: 75}, (_, index) => `  f(${index});`);
  const deep = [
    'export const f = (a: number): void => {',
    ...Array<string>(4).fill('if (a > 1) {'),
  ];
  test.each([
    ['max-lines-per-function', ['export function f(): void {', ...body, '}']],
    ['max-params', ['export const f = (a = 1, b = 1, c = 1, d = 1, e = 1) => a + b + c + d + e;']],
    ['max-depth', [...deep, 'f(a);', ...Array<string>(4).fill('}'), '};']],
    ['no-default-export', ['export default 1;']],
    ['no-explicit-any', ['export const f = (a: any): unknown => a;']],
    ['max-lines', Array.from({length: 510}, (_, index) => `export const x${index} = 1;`)],
  ])('%s', (rule, lines) => {
    const directory = mkdtempSync(join(tmpdir(), 'ha-tidy-'));
    try {
      writeFileSync(join(directory, 'sample.ts'), `${lines.join('\n')}\n`);
      const config = join(projectRoot, '.oxlintrc.json');
      const argv = ['-c', config, '--format=unix', directory];
      const {stdout, status} = spawnSync(join(projectRoot, 'node_modules/.bin/oxlint'), argv, {
        encoding: 'utf8',
        timeout: 20_000,
      });
      expect(stdout).toContain(`(${rule})`);
      expect(status).toBe(1);
    } finally {
      rmSync(directory, {recursive: true, force: true});
    }
  });
});
