// `npm test`: checks, then every test, then the names of those that did not run and why. A skip is
// tolerated on a developer's machine only: where CI is set it is a failure.

import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {build} from './build.mjs';
import {lint} from './lint.mjs';
import {installPackages, machinePackages} from './packages.mjs';
import {run, say} from './process.mjs';

const reporter = './scripts/lib/totals-reporter.mjs';

function readTotals(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null; // vitest ended before its reporter could write
  }
}

/** Prints what was skipped and the last line; true where all is well. */
function conclude(totals, {lintFailed}) {
  if (totals === null) {
    say('the tests ended without a result');
    return false;
  }
  const {passed, failed, skipped, errors} = totals;
  for (const one of skipped) {
    say(`skipped: ${one.name} (${one.reason})`);
  }
  const refused = skipped.length > 0 && (process.env.CI ?? '') !== '';
  if (refused) {
    say('in CI nothing may be skipped');
  }
  if (lintFailed) {
    say('the checks before the tests failed: see the top, or run npm run lint');
  }
  if (errors > 0) {
    say(`${errors} error(s) outside of tests`);
  }
  process.stdout.write(`${passed} passed, ${failed} failed, ${skipped.length} skipped\n`);
  return passed > 0 && failed === 0 && errors === 0 && !refused && !lintFailed;
}

async function vitest(args, totalsPath) {
  const reporters = ['--reporter=default', `--reporter=${reporter}`];
  return run(['vitest', 'run', ...reporters, ...args], {HA_TEST_TOTALS: totalsPath});
}

/** With arguments only the tests they select, without the checks; resolves to the exit code. */
export async function test(args) {
  installPackages();
  const built = await build();
  if (built !== 0) {
    return built;
  }
  return runTests(args, {lintFailed: args.length === 0 && (await lint()) !== 0});
}

/** `npm run test:vm`: what needs a kernel of its own, in virtual machines. */
export async function testMachines(args) {
  installPackages();
  installPackages(machinePackages);
  return runTests(['--config', 'test/vm/vitest.config.ts', ...args], {lintFailed: false});
}

async function runTests(args, {lintFailed}) {
  const directory = mkdtempSync(join(tmpdir(), 'ha-test-'));
  try {
    const totalsPath = join(directory, 'totals.json');
    const code = await vitest(args, totalsPath);
    return conclude(readTotals(totalsPath), {lintFailed}) ? code : 1;
  } finally {
    rmSync(directory, {recursive: true, force: true});
  }
}
