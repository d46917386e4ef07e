/** The table of the rules of time, against its page and against itself. */

import {readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {inequalityCodes, ruleIds} from '../../src/config/inequalities.ts';
import {absentRules, inequalities, safetyRules} from '../../src/config/rules.ts';
import {accept, openhaFiles, twoLinks, withDisk} from './support.ts';

const page = readFileSync(new URL('../../docs/safety.md', import.meta.url), 'utf8');
const place = {file: 'cluster.conf', line: 0};

describe('the rules of time', () => {
  it('stand in docs/safety.md as the code has them', () => {
    const rows = page.split('\n').filter((line) => /^\| I\d+ \|/.test(line));
    const expected = ruleIds.map((id) => {
      const {formula, protects, duty} = safetyRules[id];
      const broken = duty === 'must' ? 'refused' : 'warned of';
      return `| ${id} | \`${formula}\` | ${protects} | ${broken} |`;
    });
    expect(rows).toEqual(expected);
  });

  it.each([
    ['no disk', {'cluster.conf': twoLinks}],
    ['a disk', {'cluster.conf': withDisk}],
    ['a watchdog', {'cluster.conf': `${withDisk}[watchdog]\nmode = required\n`}],
    ["OpenHA's files", openhaFiles],
  ])('are all sixteen computed, or absent with a reason, with %s', (_, texts) => {
    const config = {...accept(texts), place};
    const computed = new Set(inequalities(config).map(({id}) => id));
    const absent = absentRules(config);
    expect(ruleIds.filter((id) => !computed.has(id))).toEqual(absent.map(({id}) => id));
    expect(absent.filter(({why}) => why === '')).toEqual([]);
  });

  it('refuse with a finding of their own whatever a configuration can break', () => {
    const config = {...accept({'cluster.conf': `${withDisk}[watchdog]\nmode = required\n`}), place};
    const ids = inequalities(config).map(({id}) => id);
    const musts = [...new Set(ids)].filter((id) => safetyRules[id].duty === 'must');
    // W is computed from the lease: no file can break I5.
    expect(musts.filter((id) => inequalityCodes[id] === undefined)).toEqual(['I5']);
  });
});
