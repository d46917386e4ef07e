// What must hold before a test is worth running: types, lint rules, formatting, nothing unused.

import {run, say} from './process.mjs';

const checks = [
  ['tsc', '-p', 'tsconfig.json'],
  ['oxlint', '--type-aware', '--deny-warnings'],
  ['prettier', '--check', '--log-level=warn', '.'],
  ['knip', '--no-progress'],
];

/** Runs every check, also after a failed one; resolves to 0 or 1. */
export async function lint() {
  const failed = [];
  for (const check of checks) {
    say(check.join(' '));
    if ((await run(check)) !== 0) {
      failed.push(check[0]);
    }
  }
  if (failed.length > 0) {
    say(`failed: ${failed.join(', ')} (formatting is repaired by: npm run format)`);
  }
  return failed.length > 0 ? 1 : 0;
}
