// The one door to every chore: `npm start`, `npm test` and the rest call it with a verb. It runs on
// the machine's own Node (20 or newer), installs what is missing, builds what is stale, and does
// the work under a Node that is new enough for the daemon. It uses nothing outside Node and this
// directory.

import {existsSync} from 'node:fs';
import {build} from './lib/build.mjs';
import {install} from './lib/install.mjs';
import {lint} from './lib/lint.mjs';
import {run, root, say} from './lib/process.mjs';
import {test, testMachines} from './lib/test.mjs';

const prettier = ['prettier', '--write', '--log-level=warn', '.'];

const verbs = {
  'start': async (args) => (await build()) || run(['node', 'bin/ha', 'demo', ...args]),
  test,
  'test:vm': testMachines,
  'build': () => build(),
  'lint': () => lint(),
  'format': () => run(prettier),
  'bench': async (args) => (await build()) || run(['node', 'test/bench/main.ts', ...args]),
  'sim': async (args) => (await build()) || run(['node', 'bin/ha', 'simulate', ...args]),
  'sim:planted': (args) => run(['node', 'test/planted/main.ts', ...args]),
};

const [verb = '', ...args] = process.argv.slice(2);
const chore = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
if (chore === undefined) {
  say(`expected one of ${Object.keys(verbs).join(', ')}, found "${verb}". Write: npm test`);
  process.exit(2);
}
process.chdir(root);
if (!existsSync('package-lock.json')) {
  say(`${root} has no package-lock.json: run this from a checkout of understudy`);
  process.exit(1);
}
process.exitCode = (await install()) || (await chore(args));
