import {describe, expect, test} from 'vitest';
import {
  judgeLun,
  nextStep,
  obstacle,
  type LunSeen,
  type Self,
} from '../../src/drivers/scsi-reservation-rule.ts';
import {derivedKey, keyOf, type KeyScheme} from '../../src/kernel/reservation-key.ts';

const scheme: KeyScheme = {cluster: 'ha', nodes: ['node1', 'node2', 'node3'], fixed: new Map()};
const self: Self = {scheme, node: 'node2', epoch: 8};
const monitor: Self = {...self, epoch: 0};
const own = keyOf(scheme, 'node2', 8);
const older = keyOf(scheme, 'node2', 5);
const peer = keyOf(scheme, 'node1', 7);
const third = keyOf(scheme, 'node3', 6);
const later = keyOf(scheme, 'node1', 9);
const foreign = derivedKey('other', 'node1', 7);

const seen = (
  keys: readonly string[],
  key: string | null = null,
  type: number | null = 5,
): LunSeen => ({
  keys,
  holder: key === null ? null : {key, type},
});

describe('the next step of a start', () => {
  test.each([
    ['a free disk is reserved', seen([own]), 'reserve'],
    ['one that we hold alone is done', seen([own, own], own), 'held'],
    ['the holder is preempted', seen([peer, own], peer), `preempt ${peer}`],
    ['the holder goes first', seen([third, peer, own], peer), `preempt ${peer}`],
    [
      'who is only registered could write, and goes too',
      seen([own, third], own),
      `preempt ${third}`,
    ],
    ['our own key of an earlier start goes too', seen([own, older], older), `preempt ${older}`],
    ['without our registration nothing is done', seen([peer], peer), 'refuse'],
  ])('%s', (_, disk, wanted) => {
    const step = nextStep(disk, self);
    expect(step.kind === 'preempt' ? `preempt ${step.victim}` : step.kind).toBe(wanted);
  });
});

describe('hands off', () => {
  test.each([
    ['a key of another cluster', seen([foreign]), /of no node of this service/],
    ['a holder of another cluster', seen([own], foreign), /of no node of this service/],
    ['a start with a later epoch', seen([later]), /node1 has registered with epoch 9/],
    ['another type of reservation', seen([peer], peer, 3), /type 3/],
    ['all registrants together', seen([peer], '0x0', 7), /type 7/],
    ['an unknown type', seen([peer], peer, null), /type unknown/],
  ])('%s', (_, disk, why) => {
    expect(obstacle(disk, self)).toMatch(why);
    expect(nextStep({...disk, keys: [...disk.keys, own]}, self).kind).toBe('refuse');
  });

  test('not from older keys of the nodes of the service', () => {
    expect(obstacle(seen([peer, third, older], peer), self)).toBeNull();
  });
});

describe('a look', () => {
  test.each([
    ['held here', seen([own], own), 'up', false],
    ['held on fewer paths', seen([own], own), 'up', false],
    ['never ours', seen([]), 'down', true],
    ['the peer has it', seen([peer], peer), 'down', true],
    ['our registration is there, another holds it', seen([own, peer], peer), 'unknown', true],
    ['our registration is there, nobody holds it', seen([own]), 'unknown', true],
    ['an earlier start of ours', seen([older], older), 'up', false],
    ['another type', seen([own], own, 1), 'unknown', true],
  ])('%s', (_, disk, state, lost) => {
    expect(judgeLun(disk, monitor, 2)).toMatchObject({state, lost});
  });

  test('of a start or stop takes only the key of its own epoch for up', () => {
    expect(judgeLun(seen([older], older), self, 1).state).toBe('unknown');
    expect(judgeLun(seen([own], own), self, 1).state).toBe('up');
  });

  test('says on how many paths, and who else could write', () => {
    expect(judgeLun(seen([own], own), monitor, 2).says).toContain('only 1 of 2 paths');
    expect(judgeLun(seen([own, own, peer], own), monitor, 2).says).toContain('node1 in epoch 7');
    expect(judgeLun(seen([peer], peer), monitor, 2).says).toContain('held by node1 in epoch 7');
  });
});
