import {describe, expect, it} from 'vitest';
import {nextDueMs} from '../../src/engine/index.ts';
import {Desk, clusterConfig, disk, link, node1, node2, web} from './rig.ts';

const freeze = {by: 'root', why: 'work', since: '2026-01-01T00:00:00Z', untilMs: null, until: null};

describe('a turn of the engine', () => {
  it('writes verdict, epoch, transition and plan down before the first call', () => {
    const desk = new Desk(clusterConfig({}));
    desk.probe('down');
    desk.take();
    desk.runUntil(5_000);
    expect(desk.take()).toEqual([
      'record peer peer-not-proven-dead',
      'record transition outside-sees-us',
      'record verdict outside-sees-us',
      'record transition outside-sees-us',
      'persist web epoch frozen=-',
      'record plan outside-sees-us',
      'run-plan start',
      'record alarm peer-not-proven-dead',
    ]);
    desk.finish('done');
    expect(desk.state()).toBe('STARTED');
  });

  it('does not start what may not be taken over, and says why', () => {
    const desk = new Desk(clusterConfig({serviceClass: 'exclusive'}));
    desk.probe('down');
    desk.runUntil(60_000);
    expect(desk.state()).toBe('STOPPED');
    expect(desk.waiting()).toBe('peer-not-proven-dead');
    expect(desk.take().filter((line) => line.startsWith('run-plan'))).toEqual([]);
  });

  it('starts it once an operator has confirmed that the other node is dead', () => {
    const desk = new Desk(clusterConfig({serviceClass: 'data'}));
    desk.probe('down');
    desk.runUntil(6_000);
    desk.take();
    desk.command({verb: 'confirm-dead', node: node2});
    expect(desk.take()).toContain('run-plan start');
  });

  it('starts nothing while the state directory cannot be written', () => {
    const desk = new Desk(clusterConfig({}));
    desk.probe('down');
    desk.give({type: 'storage-state', failed: true, detail: 'ENOSPC'});
    desk.runUntil(20_000);
    expect(desk.waiting()).toBe('journal-refused');
    desk.give({type: 'storage-state', failed: false, detail: ''});
    desk.runUntil(21_000);
    expect(desk.state()).toBe('STARTING');
  });

  it('makes a freeze durable before it acknowledges it', () => {
    const desk = new Desk(clusterConfig({}));
    desk.probe('down');
    desk.take();
    desk.command({verb: 'freeze', scope: {kind: 'service', service: web}, freeze});
    const lines = desk.take();
    expect(lines.indexOf('persist web unborn frozen=stop')).toBeGreaterThan(-1);
    expect(lines.indexOf('persist web unborn frozen=stop')).toBeLessThan(
      lines.indexOf('reply 0: web is frozen on node1'),
    );
    desk.runUntil(60_000);
    expect(desk.state()).toBe('FROZEN_STOP');
  });

  it('lifts a freeze by itself when its time is over, and probes first', () => {
    const desk = new Desk(clusterConfig({}));
    desk.probe('down');
    const until = {...freeze, untilMs: 30_000, until: '2026-01-01T00:00:30Z'};
    desk.command({verb: 'freeze', scope: {kind: 'service', service: web}, freeze: until});
    desk.runUntil(29_999);
    expect(desk.state()).toBe('FROZEN_STOP');
    desk.take();
    desk.runUntil(30_000);
    expect(desk.state()).toBe('UNKNOWN');
    expect(desk.take()).toContain('probe');
  });

  it('asks for no second turn at an instant that it has dealt with', () => {
    const desk = new Desk(clusterConfig({service: {monitorMs: 700}}));
    desk.probe('up');
    for (let turn = 0; turn < 50; turn += 1) {
      desk.nowMs = nextDueMs(desk.engine);
      desk.give({type: 'tick'});
      expect(nextDueMs(desk.engine)).toBeGreaterThan(desk.nowMs);
      if (desk.take().includes('probe')) desk.probe('up');
    }
  });

  it('believes nothing about what it cannot ask after a reboot', () => {
    const none = {frozen: null, freeze: null, failed: null, peerLatch: null, underWay: null};
    const facts = {epoch: 4, owner: true, ...none} as const;
    const started = {...facts, lastAction: 'started', bootId: 'boot-0'} as const;
    const rebooted = new Desk(clusterConfig({}), {facts: new Map([[web, started]])});
    rebooted.probe('unknown', false);
    expect(rebooted.state()).toBe('STOPPED');
    const same = {...started, bootId: 'boot-1'};
    const restarted = new Desk(clusterConfig({}), {facts: new Map([[web, same]])});
    restarted.probe('unknown', false);
    expect(restarted.state()).toBe('STARTED');
  });

  it('ignores the outcome of a plan that is not running', () => {
    const desk = new Desk(clusterConfig({}));
    desk.probe('down');
    desk.runUntil(5_000);
    const outcome = {kind: 'done', clean: true, detail: 'late', durationMs: 1} as const;
    desk.give({type: 'plan-result', plan: 'web/0/start/9', service: web, outcome});
    expect(desk.state()).toBe('STARTING');
  });

  it.each([
    ['failed', true, 'START_FAILED'],
    ['failed', false, 'STOP_FAILED'],
    ['unknown', true, 'START_FAILED'],
    ['unknown', false, 'STOP_FAILED'],
  ] as const)('a start that ends %s with clean = %s is %s', (kind, clean, state) => {
    const desk = new Desk(clusterConfig({}));
    desk.probe('down');
    desk.runUntil(5_000);
    desk.finish(kind, clean);
    desk.runUntil(400_000);
    expect(desk.state()).toBe(state);
  });

  it('latches after one automatic takeover within the damping window', () => {
    const desk = new Desk(clusterConfig({service: {failureMemoryMs: 1_000}}));
    desk.probe('down');
    desk.runUntil(5_000);
    desk.finish('failed');
    desk.runUntil(10_000);
    expect([desk.state(), desk.waiting()]).toEqual(['STOPPED', 'damping']);
    desk.command({verb: 'clear', service: web, confirmStopped: false});
    desk.runUntil(10_001);
    expect(desk.state()).toBe('STARTING');
  });

  it('says goodbye only after everything was stopped', () => {
    const desk = new Desk(clusterConfig({}));
    desk.probe('down');
    desk.runUntil(5_000);
    desk.finish('done');
    desk.take();
    desk.command({verb: 'shutdown', keep: false, keepMs: 0});
    desk.runUntil(8_000);
    expect(desk.take().filter((line) => /run-plan|exit/.test(line))).toEqual(['run-plan stop']);
    desk.finish('done');
    desk.runUntil(9_000);
    const lines = desk.take();
    expect(lines).toContain('reply 0: goodbye said, the daemon ends');
    expect(lines.at(-1)).toBe('exit 0');
  });

  it('does not leave for maintenance in the middle of a start', () => {
    const desk = new Desk(clusterConfig({}));
    desk.probe('down');
    desk.runUntil(5_000);
    desk.command({verb: 'shutdown', keep: true, keepMs: 60_000});
    desk.runUntil(8_000);
    expect(desk.take().filter((line) => line.startsWith('exit'))).toEqual([]);
    desk.finish('done');
    desk.runUntil(9_000);
    expect(desk.take().at(-1)).toBe('exit 0');
    expect(desk.state()).toBe('STARTED');
  });

  it('keeps its services when it leaves for maintenance', () => {
    const desk = new Desk(clusterConfig({}));
    desk.probe('down');
    desk.runUntil(5_000);
    desk.finish('done');
    desk.take();
    desk.command({verb: 'shutdown', keep: true, keepMs: 60_000});
    desk.runUntil(6_000);
    const lines = desk.take();
    expect(lines.filter((line) => line.startsWith('run-plan'))).toEqual([]);
    expect(lines.at(-1)).toBe('exit 0');
  });
});

describe('the stall barrier', () => {
  it('does nothing but drain on a turn that comes too late', () => {
    const desk = new Desk(clusterConfig({}));
    desk.probe('down');
    desk.runUntil(4_000);
    desk.take();
    desk.nowMs = 60_000;
    desk.give({type: 'tick'});
    expect(desk.take(true)).toEqual(['record stall stalled', 'notice', 'drain']);
    desk.command({verb: 'start', service: web});
    expect(desk.take(true)).toEqual([]);
    desk.give({type: 'drained'});
    // The silent peer gets its whole dead time anew, and the deferred order waits for that.
    expect(desk.state()).toBe('STOPPED');
    desk.runUntil(66_000);
    expect(desk.state()).toBe('STARTING');
  });
});

describe('the right to run', () => {
  const leased = () => {
    const desk = new Desk(clusterConfig({serviceClass: 'exclusive', disk: true}));
    desk.probe('up');
    return desk;
  };
  const written = (desk: Desk) => {
    desk.give({type: 'disk-state', disk, action: 'write', issuedMs: desk.nowMs, fault: null});
  };

  it('lasts as long as the slot can be written', () => {
    const desk = leased();
    for (let second = 0; second < 120; second += 2) {
      desk.runUntil(second * 1_000);
      written(desk);
    }
    expect(desk.state()).toBe('STARTED');
  });

  it('ends in a stop before the lease is over when neither disk nor peer confirms it', () => {
    const desk = leased();
    desk.runUntil(2_000);
    written(desk);
    desk.give({type: 'disk-state', disk, action: 'write', issuedMs: 4_000, fault: 'EIO'});
    desk.runUntil(5_900);
    expect(desk.state()).toBe('STARTED');
    // Half a lease before its end, at 10,000 ms, so that the stop has that half.
    desk.runUntil(6_100);
    expect(desk.state()).toBe('STOPPING');
  });

  it('does not bind a service that nobody could take over by the lease', () => {
    for (const serviceClass of ['data', 'address', 'none'] as const) {
      const desk = new Desk(clusterConfig({serviceClass, disk: true}));
      desk.probe('up');
      desk.give({type: 'disk-state', disk, action: 'write', issuedMs: 0, fault: 'EIO'});
      desk.runUntil(100_000);
      expect(desk.state()).toBe('STARTED');
    }
  });
});

describe('our own links', () => {
  it('out of order forbid to accuse the others', () => {
    const desk = new Desk(clusterConfig({}));
    desk.probe('down');
    desk.give({type: 'link-state', link, fault: 'no carrier on eth0'});
    desk.runUntil(30_000);
    expect(desk.waiting()).toBe('isolated');
    desk.give({type: 'link-state', link, fault: null});
    desk.runUntil(34_999);
    expect(desk.state()).toBe('STOPPED');
    desk.runUntil(35_000);
    expect(desk.state()).toBe('STARTING');
  });

  it('the same inputs give the same effects, byte for byte', () => {
    const story = () => {
      const desk = new Desk(clusterConfig({disk: true}));
      desk.probe('down');
      desk.runUntil(20_000);
      desk.command({verb: 'freeze', scope: {kind: 'node'}, freeze});
      desk.runUntil(30_000);
      return JSON.stringify(desk.effects, (_key, value: unknown) =>
        value instanceof Uint8Array ? [...value] : value,
      );
    };
    expect(story()).toBe(story());
    expect(story()).toContain(node1);
  });
});

describe('what a peer left behind', () => {
  it('frozen while it ran is respected over our own restart, until a person unfreezes it', () => {
    const none = {frozen: null, freeze: null, failed: null, lastAction: null, bootId: ''} as const;
    const peerLatch = {node: node2, state: 'FROZEN_START'} as const;
    const facts = new Map([[web, {...none, epoch: 3, owner: false, peerLatch, underWay: null}]]);
    const desk = new Desk(clusterConfig({}), {facts});
    desk.probe('down');
    desk.runUntil(60_000);
    expect(desk.waiting()).toBe('peer-frozen');
    desk.command({verb: 'unfreeze', scope: {kind: 'service', service: web}});
    desk.runUntil(60_001);
    expect(desk.state()).toBe('STARTING');
  });

  it('a freeze of the node ends by itself when its time is over', () => {
    const desk = new Desk(clusterConfig({}));
    desk.probe('down');
    desk.command({verb: 'freeze', scope: {kind: 'node'}, freeze: {...freeze, untilMs: 20_000}});
    desk.runUntil(19_000);
    expect(desk.waiting()).toBe('node-frozen');
    desk.runUntil(21_000);
    expect(desk.state()).toBe('STARTING');
  });
});

describe('a reload', () => {
  it('gives a service that comes back its epoch and its freeze', () => {
    const config = clusterConfig({});
    const desk = new Desk(config);
    desk.probe('down');
    desk.runUntil(5_000);
    desk.finish('failed');
    const epoch = desk.epoch();
    desk.command({verb: 'freeze', scope: {kind: 'service', service: web}, freeze});
    desk.give({type: 'reload', config: {...config, services: []}});
    expect(desk.state()).toBe('none');
    desk.give({type: 'reload', config});
    desk.probe('down');
    expect(desk.state()).toBe('FROZEN_STOP');
    desk.command({verb: 'unfreeze', scope: {kind: 'service', service: web}});
    desk.take();
    desk.probe('down');
    desk.command({verb: 'clear', service: web, confirmStopped: false});
    desk.runUntil(5_100);
    expect(desk.take()).toContain('run-plan start');
    expect(desk.epoch()).toBeGreaterThan(epoch);
  });

  it('does not let go of a service that runs', () => {
    const config = clusterConfig({});
    const desk = new Desk(config);
    desk.probe('up');
    desk.give({type: 'reload', config: {...config, services: []}});
    expect(desk.state()).toBe('STARTED');
  });
});
