// A vitest reporter that leaves the totals, and each skipped test with its reason, in the file that
// HA_TEST_TOTALS names: scripts/lib/test.mjs prints them last and judges them.

import {writeFileSync} from 'node:fs';

function nameOf(module, test) {
  return `${module.relativeModuleId}: ${test.fullName}`;
}

/**
 * A test that is skipped by a bare condition does not say why; most of those conditions are this
 * one.
 */
function unsaid() {
  return process.getuid?.() === 0 ? 'no reason given' : 'no reason given; this run is not root';
}

export default class TotalsReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const totals = {passed: 0, failed: 0, skipped: [], errors: unhandledErrors.length};
    for (const module of modules) {
      totals.errors += module.errors().length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') {
          totals.passed += 1;
        } else if (result.state === 'skipped') {
          const reason = result.note ?? unsaid();
          totals.skipped.push({name: nameOf(module, test), reason});
        } else {
          totals.failed += 1;
        }
      }
    }
    const path = process.env.HA_TEST_TOTALS;
    if (path !== undefined) {
      writeFileSync(path, JSON.stringify(totals));
    }
  }
}
