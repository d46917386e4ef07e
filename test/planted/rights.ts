/** Slips in the right to run: lease, promise, watchdog, and the stall barrier. */

import type {Defect} from './defect.ts';

export const rights: readonly Defect[] = [
  {
    name: 'who lost its disk to another node runs on',
    file: 'engine/probes.ts',
    find: 'if (onResourceLost(engine, service, probe)) return;',
    replace: 'tellLost(engine, service, probe);',
    by: {scenario: 'reservation-lost'},
    fast: true,
  },
  {
    name: 'nobody fences itself',
    file: 'engine/watchdog.ts',
    find: 'if (nowMs >= endMs && isBusy(service.state)) return fence(engine, service, endMs);',
    replace: 'if (nowMs >= endMs && endMs === null) return fence(engine, service, endMs);',
    by: {scenario: 'watchdog-stop-hangs'},
  },
  {
    name: 'the start does not wait for the watchdog',
    file: 'engine/watchdog.ts',
    find: "if (state === 'armed' || state === 'failed') return null;",
    replace: 'if (state !== null) return null;',
    by: {scenario: 'watchdog-pause'},
  },
  {
    name: 'the watchdog is disarmed while a service runs',
    file: 'engine/watchdog.ts',
    find: 'watchdog.mayRelease && !isWanted) {',
    replace: 'watchdog.mayRelease && !engine.services.some(({plan}) => plan !== null)) {',
    by: {scenario: 'watchdog-partition'},
  },
  {
    name: 'a stall is not noticed',
    file: 'engine/stall.ts',
    find: 'if (lateMs <= engine.config.timing.stallMs || engine.draining) return false;',
    replace: 'if (lateMs <= Infinity || engine.draining) return false;',
    by: {scenario: 'pause-both'},
  },
  {
    name: 'what queued up during a stall counts as news',
    file: 'engine/peers.ts',
    find: 'const options = {draining: engine.draining};\n  const got = engine.peerView.receive(',
    replace: 'const options = {draining: false};\n  const got = engine.peerView.receive(',
    by: {scenario: 'pause-long'},
  },
  {
    name: 'after a stall the others are judged by their old timers',
    file: 'engine/stall.ts',
    find: '  engine.peerView.restartTimers({sinceMs: engine.stallSinceMs, nowMs: engine.nowMs});\n',
    replace: '',
    by: {scenario: 'pause-both'},
  },
];
