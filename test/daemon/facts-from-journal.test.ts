import {describe, expect, test} from 'vitest';
import {frozenFacts, traceServices} from '../../src/daemon/facts-from-journal.ts';
import {serviceName} from '../../src/kernel/ids.ts';
import type {JournalRecord} from '../../src/journal/types.ts';

const record = (
  kind: string,
  service: string | null,
  data: Readonly<Record<string, unknown>>,
): JournalRecord => ({
  kind,
  service,
  data,
  seq: 1,
  at: '',
  incarnation: 1,
  hash: '',
  node: 'node1',
  atMs: 0,
  cause: {reason: 'adopted', detail: ''},
});
const boot = (bootId: string) => record('daemon', null, {bootId});
const to = (state: string, epoch: number) =>
  record('transition', 'web', {from: '', to: state, epoch, owner: true});

const freeze = {by: 'understudy', why: 'lost', since: '', untilMs: null, until: null};
const web = serviceName('web');

function recovered(records: readonly JournalRecord[]) {
  const lost = {traces: traceServices(records), bootId: 'now', freeze};
  const facts = frozenFacts([web], lost).get(web)!;
  return `${facts.frozen} ${facts.lastAction} epoch ${facts.epoch} ${facts.bootId || 'no boot'}`;
}

describe('facts that were lost come from the journal', () => {
  test.each<[string, readonly JournalRecord[], string]>([
    ['running in this boot', [boot('now'), to('STARTED', 4)], 'start started epoch 4 now'],
    ['starting when it was lost', [boot('now'), to('STARTING', 5)], 'start started epoch 5 now'],
    ['stuck in its stop', [boot('now'), to('STOP_FAILED', 5)], 'start started epoch 5 now'],
    [
      'stopped in this boot',
      [boot('now'), to('STARTED', 4), to('STOPPED', 4)],
      'stop stopped epoch 4 now',
    ],
    [
      'running before a reboot',
      [boot('then'), to('STARTED', 4), boot('now')],
      'stop stopped epoch 4 then',
    ],
    [
      'asked about after it ran',
      [boot('now'), to('STARTED', 4), to('UNKNOWN', 4)],
      'start started epoch 4 now',
    ],
    [
      'never mentioned: running is the claim that harms nobody',
      [boot('now')],
      'start started epoch 0 now',
    ],
  ])('of a service %s', (_name, records, expected) => {
    expect(recovered(records)).toBe(expected);
  });

  test('and always frozen, with the reason', () => {
    const facts = frozenFacts([web], {traces: traceServices([]), bootId: 'now', freeze});
    expect(facts.get(web)!.freeze).toEqual(freeze);
  });
});
