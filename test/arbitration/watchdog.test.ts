/** What a watchdog is worth: only one that resets in real time makes a lease P3. */

import {describe, expect, it} from 'vitest';
import {gradeWatchdog} from '../../src/arbitration/watchdog.ts';
import type {WatchdogNature} from '../../src/arbitration/watchdog.ts';

const hardware: WatchdogNature = {
  identity: 'iTCO_wdt',
  isDriver: true,
  isVirtual: false,
  assume: 'nothing',
};

describe('a watchdog', () => {
  it.each<[string, Partial<WatchdogNature>, 'P2' | 'P3']>([
    ['of hardware', {}, 'P3'],
    ['in a virtual machine', {isVirtual: true}, 'P2'],
    ['of which nobody knows whether it is virtual', {isVirtual: null}, 'P2'],
    ['in a machine that is never paused', {isVirtual: true, assume: 'no-vm-pause'}, 'P3'],
    ['of software', {identity: 'Software Watchdog'}, 'P2'],
    ['of software, whatever is assumed', {identity: 'softdog', assume: 'no-vm-pause'}, 'P2'],
    ['without a name', {identity: ''}, 'P2'],
    ['behind a FIFO', {isDriver: false}, 'P2'],
    ['that the operator runs', {isDriver: false, assume: 'external-watchdog'}, 'P3'],
    ['that is external in a virtual machine', {isVirtual: true, assume: 'external-watchdog'}, 'P3'],
  ])('%s is worth what it proves', (_, change, proof) => {
    expect(gradeWatchdog({...hardware, ...change}).proof).toBe(proof);
  });
});
