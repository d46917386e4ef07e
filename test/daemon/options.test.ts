import {hostname} from 'node:os';
import {describe, expect, test} from 'vitest';
import {parseOptions} from '../../src/daemon/options.ts';

const linux = {env: {}, platform: 'linux'};
const nowhere = {
  conf: '/etc/ha',
  state: '/var/lib/ha',
  run: '/run/ha',
  nodeName: hostname(),
  logLevel: 'info',
};

describe('the options of the daemon', () => {
  test.each<[string, readonly string[], Parameters<typeof parseOptions>[1], object]>([
    ['are those of Linux', [], {env: {}, platform: 'linux'}, nowhere],
    [
      'are those of FreeBSD',
      [],
      {env: {}, platform: 'freebsd'},
      {...nowhere, conf: '/usr/local/etc/ha', state: '/var/db/ha', run: '/var/run/ha'},
    ],
    [
      'come from the environment',
      [],
      {
        env: {HA_CONF: '/c', HA_STATE: '/s', HA_RUN: '/r', HA_NODE: 'n', HA_LOG: 'debug'},
        platform: 'linux',
      },
      {conf: '/c', state: '/s', run: '/r', nodeName: 'n', logLevel: 'debug'},
    ],
    [
      'come from the flags before that',
      ['daemon', '--conf', '/c1', '--state=/s1', '--run', '/r1', '--nodename', 'daemon'],
      {env: {HA_CONF: '/c', HA_NODE: 'n'}, platform: 'linux'},
      {...nowhere, conf: '/c1', state: '/s1', run: '/r1', nodeName: 'daemon'},
    ],
    [
      'may come before the word daemon',
      ['--run', '/r1', 'daemon'],
      {env: {}, platform: 'linux'},
      {...nowhere, run: '/r1'},
    ],
    [
      'are absolute paths',
      ['--conf', 'x/../y'],
      {env: {}, platform: 'linux'},
      {...nowhere, conf: `${process.cwd()}/y`},
    ],
  ])('%s', (_name, args, host, expected) => {
    expect(parseOptions(args, host)).toEqual({ok: true, value: expected});
  });

  test.each([
    [['--what'], '"--what" is not understood'],
    [['stop'], '"stop" is not understood'],
    [['--conf'], '--conf: expected a value, found nothing'],
    [['--conf='], '--conf: expected a value, found nothing'],
    [['--conf', '--state'], '--conf: expected a value, found "--state"'],
    [['--nodename', '../x'], '--nodename: expected a name, found "../x"'],
    [
      ['--log-level', 'loud'],
      '--log-level: expected one of error, warn, info, debug, found "loud"',
    ],
  ])('%j is refused', (args, error) => {
    expect(parseOptions(args, linux)).toEqual({ok: false, error});
  });
});
