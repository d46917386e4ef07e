/**
 * Golden texts: each scenario is played, and its whole transcript must be what the file says.
 * `UPDATE=1` rewrites them; commit such a change only if you understand what caused it.
 */

import {readFileSync, readdirSync, writeFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {formatAction} from '../../src/sim/actions.ts';
import {parseAction} from '../../src/sim/parse-action.ts';
import {scenarioOf} from '../../src/cli/verbs/simulate.ts';
import {formatSchedule} from '../../src/sim/schedule.ts';
import {parseScenario, playScenario} from '../../src/sim/scenario.ts';
import {drawSchedule} from '../../src/sim/swarm.ts';

const directory = new URL('../scenarios/', import.meta.url);
const files = readdirSync(directory).filter((name) => name.endsWith('.txt'));
const rule = '----\n';

describe('the scenario', () => {
  it.each(files)('%s', (name) => {
    const path = new URL(name, directory);
    const [source = '', golden = ''] = readFileSync(path, 'utf8').split(rule);
    const scenario = parseScenario(source);
    if (!scenario.ok) throw new Error(scenario.error);
    const played = playScenario(scenario.value);
    expect(played).not.toContain('BROKEN');
    if (process.env['UPDATE'] === '1') writeFileSync(path, source + rule + played);
    else expect(played).toBe(golden);
  });

  it('that says something else is refused with its line', () => {
    const refused = parseScenario('cluster colour=red\nservice web\nfly node1\n');
    expect(refused.ok ? '' : refused.error).toMatchInlineSnapshot(`
      "expected nodes, links, disks, profile, takeover, damping, watchdog, plans, etcd, fence, quorum, ping, stopfailed, found colour=red
      line 3: expected an action, found "fly node1""
    `);
  });

  it('reads every action that a schedule prints', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      for (const {action} of drawSchedule(seed, {nodes: null}).actions) {
        expect(parseAction(formatAction(action))).toEqual(action);
      }
    }
  });

  it('that has not come to rest where it should have is broken', () => {
    const scenario = parseScenario('cluster\nservice web\nboot node1\nrun 20s\nsettled 10s\n');
    if (!scenario.ok) throw new Error(scenario.error);
    expect(playScenario(scenario.value)).toContain('BROKEN L4: no daemon runs at the end');
  });

  it('plays the schedule of a seed to the same end', () => {
    for (const seed of [1, 2, 3]) {
      const schedule = formatSchedule(drawSchedule(seed, {nodes: null, density: 2}));
      const failure = {seed, rule: 'S1', atMs: 1, text: 'two\nlines', schedule};
      const scenario = parseScenario(scenarioOf(failure));
      if (!scenario.ok) throw new Error(scenario.error);
      const drawn = drawSchedule(seed, {nodes: null, density: 2});
      expect(scenario.value.shape).toEqual(drawn.shape);
      const ends = scenario.value.lines.map(({step}) => (step.kind === 'run' ? step.ms : 0));
      expect(ends.reduce((sum, ms) => sum + ms)).toBe(drawn.endMs);
      expect(scenario.value.lines.at(-1)?.text).toBe('settled 120000ms');
    }
  });
});
