/** docs/resources.md against the exit codes of agents. */

import {describe, expect, test} from 'vitest';
import {ocfCodes} from '../../src/drivers/ocf-codes.ts';
import {page} from './pages.ts';

describe('the page of the resources', () => {
  test('has each code of an agent with what a monitor says by it', () => {
    const {text} = page('docs/resources.md');
    const rows = Object.entries(ocfCodes).map(([code, {means, monitor, broken}]) => {
      const says = broken === true ? `${monitor}, broken` : monitor;
      return `| ${code} | ${means} | ${says} |`;
    });
    const [, section = ''] = text.split('| code | means | monitor says |\n|---|---|---|\n');
    expect(section.split('\n').slice(0, rows.length + 1)).toEqual([...rows, '']);
  });
});
