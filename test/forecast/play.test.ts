import {describe, expect, it} from 'vitest';
import {takeoverOf} from '../../src/config/takeover.ts';
import {serviceClasses} from '../../src/config/types.ts';
import type {ClusterConfig} from '../../src/config/types.ts';
import {forecastService} from '../../src/forecast/play.ts';
import type {FaultForecast} from '../../src/forecast/types.ts';
import {page} from '../docs/pages.ts';
import {accept, twoLinks, webService, withDisk, wrap} from '../config/support.ts';

const withWatchdog = `${withDisk}[watchdog]\nmode = required\n`;

function configured(text: string, serviceClass = 'exclusive'): ClusterConfig {
  const service = webService.replace('[app#1]', `class = ${serviceClass}\n[app#1]`);
  return accept({'cluster.conf': text, 'web.conf': service});
}

function faultsOf(text: string, serviceClass?: string): readonly FaultForecast[] {
  const config = configured(text, serviceClass);
  return forecastService(config, config.services[0]!, new Set()).faults;
}

function faultOf(text: string, fault: string, serviceClass?: string): FaultForecast {
  return faultsOf(text, serviceClass).find((one) => one.fault === fault)!;
}

describe('the forecast of a fault', () => {
  it('says what becomes of each class with links, a disk, and a watchdog', () => {
    const table = [twoLinks, withDisk, withWatchdog].flatMap((text) =>
      serviceClasses.map((serviceClass) =>
        [serviceClass, ...faultsOf(text, serviceClass).map(({outcome}) => outcome)].join(' '),
      ),
    );
    expect([
      faultsOf(twoLinks)
        .map(({fault}) => fault)
        .join(' '),
      ...table,
    ]).toMatchInlineSnapshot(`
      [
        "power-loss daemon-crash network-cut disk-loss isolation arbiter-loss pause",
        "none moves split split absent absent absent split",
        "address moves split split absent absent absent split",
        "exclusive down stays stays absent absent absent stays",
        "data down stays stays absent absent absent stays",
        "none moves split stays stays split absent split",
        "address moves split stays stays split absent split",
        "exclusive moves split stays stays split absent split",
        "data down stays stays stays stays absent stays",
        "none moves split stays stays split absent split",
        "address moves split stays stays split absent split",
        "exclusive moves split stays stays split absent split",
        "data moves moves stays stays moves absent moves",
      ]
    `);
  });

  it('plays the shot of each node where they can switch each other off', () => {
    const section = (node: string): string => `[fence#${node}]\ncommand = /o\nstatus = /s\n`;
    const fences = section('node1') + section('node2');
    const table = [twoLinks, withDisk].flatMap((text) =>
      serviceClasses.map((serviceClass) =>
        [serviceClass, ...faultsOf(text + fences, serviceClass).map(({outcome}) => outcome)].join(
          ' ',
        ),
      ),
    );
    expect(table).toMatchInlineSnapshot(`
      [
        "none moves split split absent absent absent split",
        "address moves split split absent absent absent split",
        "exclusive moves moves stays absent absent absent moves",
        "data moves moves stays absent absent absent moves",
        "none moves split stays stays split absent split",
        "address moves split stays stays split absent split",
        "exclusive moves split stays stays split absent split",
        "data moves moves stays stays moves absent moves",
      ]
    `);
    const cut = faultOf(twoLinks + fences, 'network-cut');
    expect(cut.summary).toBe('It stays on node1, which switches node2 off.');
    const off = faultOf(twoLinks + fences, 'daemon-crash').moments.map(({text}) => text);
    expect(off).toContain('switched off, with what ran on it');
  });

  it.each([twoLinks, withDisk, withWatchdog])('takes as long as `ha check` says', (text) => {
    for (const serviceClass of serviceClasses) {
      const config = configured(text, serviceClass);
      const {worstMs} = takeoverOf(config, serviceClass);
      const {start} = faultOf(text, 'power-loss', serviceClass);
      const mostMs = worstMs === null ? null : Math.ceil(worstMs * 1.0005);
      expect(start?.untilMs ?? null, serviceClass).toBe(mostMs);
    }
  });

  it('shows a node without links and disk stopping before the other one starts', () => {
    const {moments, summary} = faultOf(withDisk, 'isolation');
    const lines = moments.map(({fromMs, untilMs, node, text}) =>
      wrap(text, `${fromMs} to ${untilMs} ${node} `).join('\n'),
    );
    expect([...lines, ...wrap(summary, '')]).toMatchInlineSnapshot(`
      [
        "0 to 0 node2 refuse: the other node is alive",
        "1850 to 4000 node1 stops web: its right is about to end",
        "1850 to 304000 node1 web is stopped, at the latest",
        "3948 to 5053 node2 refuse: the other node's disk slot still changes",
        "4997 to 11006 node2 wait: the other node's disk lease has not run out yet",
        "5000 to 8000 node1 its right to run web ends",
        "7946 to 15017 node2 take: the other node's disk lease ran out, so it should have
                          stopped itself",
        "7946 to 16018 node2 starts web, on a record of the verdict",
        "It starts on node2 after 7.946s to 16.018s and runs on node1 too if its stop takes",
        "longer than 4s, which begins so long before its right ends; node2 starts it only",
        "after that, and its stop_timeout allows 5m. Only class data with a watchdog, or",
        "fencing, closes this.",
      ]
    `);
  });

  it('says why a service stays down, and what to type', () => {
    expect(wrap(faultOf(twoLinks, 'power-loss').summary, '')).toMatchInlineSnapshot(`
      [
        "It stays down: node1 is silent; class exclusive needs P2, at hand is P1 (node1 is",
        "silent and our links have carrier). Once node1 is off, type on node2: ha",
        "confirm-dead node1 --i-have-checked",
      ]
    `);
    const manual = faultOf(withDisk.replace('name = blue', 'takeover = manual'), 'power-loss');
    expect(wrap(manual.summary, '')).toMatchInlineSnapshot(`
      [
        "It stays down: the slot of node1 on hb#3 has not changed for 9.0 s, longer than its",
        "lease; the cluster is set to takeover = manual. Once node1 is off, type on node2: ha",
        "confirm-dead node1 --i-have-checked",
      ]
    `);
  });

  it('counts a watchdog for less where it may be paused with its machine', () => {
    const config = configured(withWatchdog, 'data');
    const weak = new Set(config.nodes);
    const [death] = forecastService(config, config.services[0]!, weak).faults;
    expect(death).toMatchObject({outcome: 'down', start: null, proof: null});
  });

  it('has nothing to play for a service with one node', () => {
    const service = webService.replace('nodes = node1 node2', 'nodes = node1');
    const config = accept({'cluster.conf': twoLinks, 'web.conf': service});
    expect(forecastService(config, config.services[0]!, new Set())).toMatchObject({
      contender: null,
      faults: [],
    });
  });

  it('is on the page of the commands, fault by fault', () => {
    const [, below = ''] = page('docs/commands.md').text.split('| fault | what happens |\n');
    const rows = below.slice(0, below.indexOf('\n\n')).split('\n').slice(1);
    const names = rows.map((row) => row.split('|')[1]!.trim());
    expect(names).toEqual(faultsOf(withDisk).map(({fault}) => `\`${fault}\``));
  });
});
