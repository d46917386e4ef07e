/** The watchdog in the engine: armed before class data starts, fed while the right lasts. */

import {describe, expect, test} from 'vitest';
import type {WatchdogReport} from '../../src/arbitration/watchdog.ts';
import type {WatchdogConfig} from '../../src/config/types.ts';
import {view} from '../../src/engine/index.ts';
import {attestedMs} from '../../src/engine/watchdog.ts';
import {clusterConfig, Desk, disk, node1, node2, web} from './rig.ts';

const watchdog = (mode: WatchdogConfig['mode']): WatchdogConfig => ({
  mode,
  device: '/dev/watchdog',
  timeoutMs: 4_000,
  assume: 'nothing',
  selfFence: 'sysrq',
  place: {file: 'cluster.conf', line: 1},
});
const armed: WatchdogReport = {
  state: 'armed',
  timeoutMs: 4_000,
  identity: 'iTCO_wdt',
  proof: 'P3',
  detail: 'iTCO_wdt resets this node',
  mayRelease: true,
};

/** Its peer was confirmed dead: only the watchdog stands between it and the start. */
function desk(mode: WatchdogConfig['mode']): Desk {
  const watchdogs = new Map([[node1, watchdog(mode)]]);
  const made = new Desk(clusterConfig({serviceClass: 'data', disk: true, change: {watchdogs}}));
  made.probe('down');
  made.runUntil(30_000);
  made.give({type: 'disk-state', disk, action: 'write', issuedMs: made.nowMs, fault: null});
  made.command({verb: 'confirm-dead', node: node2});
  return made;
}

function tell(made: Desk, report: WatchdogReport): void {
  made.give({type: 'watchdog', report});
}

const did = (made: Desk): readonly string[] =>
  made.take().filter((line) => /watchdog$|self-fence|run-plan/.test(line));

function started(): Desk {
  const made = desk('required');
  tell(made, armed);
  made.finish('done');
  made.probe('up');
  made.take();
  return made;
}

describe('class data', () => {
  test('starts only once the watchdog is armed, and tells the others its time-out', () => {
    const made = desk('required');
    expect(did(made)).toEqual(['arm-watchdog']);
    expect([made.state(), made.waiting()]).toEqual(['START_READY', 'watchdog-arming']);
    expect(attestedMs(made.engine)).toBe(0);
    tell(made, armed);
    expect(did(made)).toEqual(['run-plan start', 'feed-watchdog']);
    expect(attestedMs(made.engine)).toBe(4_000);
  });

  test('does not start where the watchdog is required and fails', () => {
    const made = desk('required');
    tell(made, {state: 'failed', detail: 'no such device'});
    expect(did(made)).not.toContain('run-plan start');
    expect(made.state()).toBe('START_FAILED');
    const cause = view(made.engine, made.nowMs).services[0]?.instances[0]?.local?.cause;
    expect(cause).toEqual({
      reason: 'watchdog-required',
      detail: 'the watchdog is not armed: no such device',
    });
  });

  test('starts without it where it is automatic, and attests nothing', () => {
    const made = desk('automatic');
    tell(made, {state: 'failed', detail: 'no such device'});
    expect(did(made)).toContain('run-plan start');
    expect(attestedMs(made.engine)).toBe(0);
  });

  test('attests nothing where the watchdog is worth P2 only, and goes on without a lease', () => {
    const made = desk('required');
    tell(made, {...armed, proof: 'P2'});
    made.finish('done');
    made.runUntil(60_000);
    expect([made.state(), attestedMs(made.engine)]).toEqual(['STARTED', 0]);
    expect(did(made)).toContain('feed-watchdog');
  });
});

describe('the watchdog', () => {
  test('is fed no longer than the right lasts, and each feed says until when', () => {
    const made = started();
    made.runUntil(60_000);
    const feeds = made.effects.filter((effect) => effect.type === 'feed-watchdog');
    expect(feeds.length).toBeGreaterThan(5);
    // The last write of the slot was issued at 30 s, and its lease is 8 s.
    expect(Math.max(...feeds.map(({untilMs}) => untilMs))).toBe(38_000);
  });

  test('is followed by the end of this node where the service was not stopped in time', () => {
    const made = started();
    made.runUntil(60_000);
    const lines = made.take(true);
    const fenced = lines.indexOf('self-fence');
    expect(fenced).toBeGreaterThan(0);
    expect(lines.slice(fenced + 1)).toEqual(['record daemon self-fenced']);
  });

  test('is disarmed only once the service rests', () => {
    const made = started();
    made.command({verb: 'stop', service: web});
    expect(did(made)).not.toContain('release-watchdog');
    made.finish('done');
    expect(did(made)).toContain('release-watchdog');
    tell(made, {state: 'released'});
    expect(view(made.engine, made.nowMs).watchdog?.state).toBe('off');
  });

  test('that cannot be disarmed is fed on', () => {
    const made = desk('required');
    tell(made, {...armed, mayRelease: false});
    made.finish('done');
    made.command({verb: 'stop', service: web});
    made.finish('done');
    made.take();
    made.runUntil(60_000);
    expect(new Set(did(made))).toEqual(new Set(['feed-watchdog']));
  });

  test('is not released for maintenance before everybody has heard of it', () => {
    const made = started();
    made.command({verb: 'shutdown', keep: true, keepMs: 60_000});
    made.runUntil(made.nowMs + 2_000);
    expect(did(made)).not.toContain('release-watchdog');
    expect(made.engine.leaveOrder).not.toBeNull();
  });
});
