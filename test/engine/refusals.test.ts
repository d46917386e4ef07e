/** What is refused says why, with the exit code that a script can act on. */

import {describe, expect, it} from 'vitest';
import {view} from '../../src/engine/index.ts';
import {Desk, clusterConfig, node1, node2, web} from './rig.ts';

const freeze = {by: 'root', why: '', since: '2026-01-01T00:00:00Z', untilMs: null, until: null};
const replies = (desk: Desk) => desk.take().filter((line) => line.startsWith('reply'));

describe('an order for a frozen service', () => {
  it.each([[{verb: 'switch', service: web, to: null}], [{verb: 'restart', service: web}]] as const)(
    '%j is refused as frozen, with the way out',
    (command) => {
      const desk = new Desk(clusterConfig({}));
      desk.probe('up');
      desk.command({verb: 'freeze', scope: {kind: 'service', service: web}, freeze});
      desk.take();
      desk.command(command);
      expect(replies(desk)).toEqual([
        'reply 6: web is FROZEN_START here; lift it: ha unfreeze web',
      ]);
    },
  );
});

describe('a switch', () => {
  const running = () => {
    const desk = new Desk(clusterConfig({}));
    desk.probe('up');
    desk.take();
    return desk;
  };

  it('to the node that runs it is done already', () => {
    const desk = running();
    desk.command({verb: 'switch', service: web, to: node1});
    expect(replies(desk)).toEqual(['reply 0: web runs on node1 already']);
  });

  it('to a silent node says no more of it than that', () => {
    const desk = running();
    desk.runUntil(10_000);
    desk.take();
    desk.command({verb: 'switch', service: web, to: node2});
    expect(replies(desk)).toEqual(['reply 1: no node can take web: node2 is silent']);
  });
});

describe('a takeover', () => {
  it.each(['frozen', 'drained', 'clusterFrozen'] as const)(
    'is not promised by a node that is %s',
    (mode) => {
      const desk = new Desk(clusterConfig({}));
      desk.probe('down');
      expect(view(desk.engine, 0).takeover.possible).toBe(true);
      const verb = mode === 'drained' ? 'drain' : 'freeze';
      const scope = {kind: mode === 'clusterFrozen' ? 'cluster' : 'node'} as const;
      desk.command(verb === 'drain' ? {verb, freeze} : {verb, scope, freeze});
      expect(desk.engine.facts[mode]).not.toBeNull();
      expect(view(desk.engine, 0).takeover.possible).toBe(false);
    },
  );
});
