/** Texts and exit codes of sg_persist 1.46 on Linux 6.1 (LIO, scsi_debug), and of mpathpersist. */

import {describe, expect, test} from 'vitest';
import {endingOf, parseKeys, parseReservation} from '../../src/drivers/scsi-reservation-text.ts';

describe('keys', () => {
  test.each([
    ['  PR generation=0x0, there are NO registered reservation keys\n', []],
    ['  PR generation=0x1, 1 registered reservation key follows:\n    0xa1\n', ['0xa1']],
    [
      '  PR generation=0x2, 2 registered reservation keys follow:\n' +
        '    0xa1\n    0xb2b2b2b2b2b2b2b2\n',
      ['0xa1', '0xb2b2b2b2b2b2b2b2'],
    ],
    // One path each: the same key twice is two registrations.
    [
      '  PR generation=0x3, 2 registered reservation keys follow:\n    0xa1\n    0xa1\n',
      ['0xa1', '0xa1'],
    ],
    ['  PR generation=0x0, \t0 registered reservation key.\n', []],
    [
      '  PR generation=0x4, \t1 registered reservation key follows:\n    0x123abc\n\n',
      ['0x123abc'],
    ],
    [
      '  PR generation=0x4, \t2 registered reservation keys follow:\n    0x1\n    0x2\n',
      ['0x1', '0x2'],
    ],
  ])('%j', (text, keys) => {
    expect(parseKeys(text)).toEqual(keys);
  });

  test.each([
    [''],
    ['sg_persist: error opening file /dev/nosuch (rw): No such file or directory\n'],
    ['  PR generation=0x2, 2 registered reservation keys follow:\n    0xa1\n'],
    ['  PR generation=0x2, 1 registered reservation key follows:\n    0xa1\n    0xb2\n'],
    ['  PR generation=0x2, 1 registered reservation key follows:\n    0x0\n'],
    ['  PR generation=0x2, Reservation follows:\n    Key=0xa1\n'],
  ])('%j is no list of keys', (text) => {
    expect(parseKeys(text)).toBeNull();
  });
});

describe('a reservation', () => {
  const sg = (type: string): string =>
    `  PR generation=0x2, Reservation follows:\n    Key=0xa1\n` +
    `    scope: LU_SCOPE,  type: ${type}\n`;
  const mpath =
    '  PR generation=0x2, Reservation follows:\n   Key = 0x123abc\n' +
    '  scope = LU_SCOPE, type = Write Exclusive, registrants only\n\n';

  test.each([
    ['  PR generation=0x0, there is NO reservation held\n', 'none'],
    ['  PR generation=0x1, there is NO reservation held \n', 'none'],
    [sg('Write Exclusive, registrants only'), {key: '0xa1', type: 5}],
    [sg('Exclusive Access'), {key: '0xa1', type: 3}],
    [sg('Write Exclusive, all registrants').replace('0xa1', '0x0'), {key: '0x0', type: 7}],
    [sg('obsolete [0]'), {key: '0xa1', type: null}],
    [mpath, {key: '0x123abc', type: 5}],
    ['', null],
    ['  PR generation=0x2, Reservation follows:\n    Key=0xa1\n', null],
    ['PR in (Read reservation): Unit attention\n', null],
  ])('%j', (text, held) => {
    expect(parseReservation(text)).toEqual(held);
  });
});

describe('an exit code', () => {
  test.each([
    ['sg_persist', 0, '', 'ok'],
    ['sg_persist', 6, 'PR in (Read keys): Unit attention', 'attention'],
    ['sg_persist', 24, 'PR out (Reserve): Reservation conflict', 'conflict'],
    ['sg_persist', 9, 'PR in (Read keys): command not supported', 'unsupported'],
    ['sg_persist', 5, 'PR out (Preempt and abort): Illegal request', 'unsupported'],
    ['sg_persist', 52, 'error opening file /dev/nosuch (rw): No such file', 'failed'],
    ['sg_persist', 75, 'PR in (Read keys): Inappropriate ioctl for device', 'failed'],
    ['sg_persist', 2, 'PR in (Read keys): device not ready', 'failed'],
    ['sg_persist', 99, 'PR out (Register): Unit Attention', 'attention'],
    ['sg_persist', 99, 'PR out: unsupported service action', 'unsupported'],
    ['mpathpersist', 0, '', 'ok'],
    ['mpathpersist', 6, '', 'attention'],
    ['mpathpersist', 7, '', 'unsupported'],
    ['mpathpersist', 11, '', 'conflict'],
    ['mpathpersist', 24, '', 'failed'],
    ['mpathpersist', 12, 'PR out: error opening file', 'failed'],
  ] as const)('%s %i %j is %s', (tool, code, text, ending) => {
    expect(endingOf(tool, {code, text})).toBe(ending);
  });
});
