import {describe, expect, it} from 'vitest';
import type {HostFacts} from '../../src/config/types.ts';
import {weakWatchdogs} from '../../src/forecast/weak-watchdogs.ts';
import {accept, filesOf, withDisk} from '../config/support.ts';

type Watchdog = NonNullable<HostFacts['watchdog']>;

function weak(watchdog: Watchdog | undefined, section = ''): readonly string[] {
  const text = `${withDisk}[watchdog]\nmode = required\n${section}`;
  const {facts} = filesOf({}, watchdog === undefined ? {} : {watchdog});
  const config = accept({'cluster.conf': text});
  return weakWatchdogs(config, facts).map(({node, why}) => `${node}: ${why}`);
}

const hardware: Watchdog = {kind: 'device', isVirtual: false, identity: 'iTCO_wdt'};

describe('a watchdog that proves less than it is configured for', () => {
  it('is none of hardware on hardware, nor one of a host that was not asked', () => {
    expect(weak(hardware)).toEqual([]);
    expect(weak(undefined)).toEqual([]);
  });

  it('is that of a virtual machine, unless somebody vouches for it', () => {
    expect(weak({...hardware, isVirtual: true})).toEqual([
      'node1: iTCO_wdt: this is a virtual machine, and it stops while paused',
    ]);
    expect(weak({...hardware, isVirtual: true}, 'assume = no-vm-pause\n')).toEqual([]);
    expect(weak({...hardware, isVirtual: null})).toHaveLength(1);
  });

  it('is one of software, by the name that its driver gives', () => {
    expect(weak({...hardware, identity: 'Software Watchdog'})).toHaveLength(1);
  });

  it('is one that is not there, or no device', () => {
    expect(weak({kind: 'missing', isVirtual: false})).toEqual([
      'node1: there is none at /dev/watchdog',
    ]);
    expect(weak({kind: 'other', isVirtual: false})).toHaveLength(1);
    expect(weak({kind: 'other', isVirtual: false}, 'assume = external-watchdog\n')).toEqual([]);
  });
});
