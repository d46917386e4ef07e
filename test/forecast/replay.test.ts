import {describe, expect, it} from 'vitest';
import {questionVersion} from '../../src/arbitration/question.ts';
import {replayVerdict} from '../../src/forecast/replay.ts';
import type {VerdictRecord} from '../../src/forecast/replay.ts';
import {serviceClasses} from '../../src/config/types.ts';
import {defaultService, defaultShape} from '../../src/sim/shape.ts';
import type {ClusterShape} from '../../src/sim/shape.ts';
import {World} from '../../src/sim/world.ts';
import type {Observer} from '../../src/sim/observer.ts';
import type {Action} from '../../src/sim/actions.ts';

/** Collects what became durable, as the journal gives it back. */
function collector(records: VerdictRecord[]): Observer {
  return {
    onDurable: (node, effect, atMs) => {
      if (effect.type !== 'record' || effect.entry.kind !== 'verdict') return;
      const {service, cause, data} = effect.entry;
      const record = {seq: records.length + 1, at: String(atMs), node, service, cause, data};
      records.push(JSON.parse(JSON.stringify(record)) as VerdictRecord);
    },
  };
}

/** The verdicts that follow a fault; at the end an operator confirms what is dead. */
function verdictsOf(shape: ClusterShape, seed: number, fault: readonly Action[]): VerdictRecord[] {
  const records: VerdictRecord[] = [];
  const world = new World({shape, seed, noise: true, observers: () => [collector(records)]});
  const boots = world.nodes.map((node): Action => ({verb: 'boot', node}));
  for (const action of boots) world.apply(action);
  world.runUntil(20_000);
  for (const action of fault) world.apply(action);
  world.runUntil(45_000);
  world.apply({verb: 'ha', node: 'node2', command: 'confirm-dead node1'});
  world.runUntil(50_000);
  return records;
}

const crash: Action = {verb: 'crash', node: 'node1'};
const oneService = {...defaultShape, services: [defaultService]};

/** The verdict of one takeover over a disk lease. */
function takeover(): VerdictRecord {
  return verdictsOf(oneService, 1, [crash]).at(-1)!;
}

type Json = Record<string, unknown>;

/** The same record with another question. */
function withQuestion(record: VerdictRecord, question: unknown): VerdictRecord {
  return {...record, data: {...record.data, question}};
}

describe('a recorded verdict', () => {
  it.each([0, 1])('is decided the same again, with %i disks', (disks) => {
    const cut: Action = {verb: 'cut', link: '*', from: '*', to: '*'};
    const lost: Action = {verb: 'disk', node: 'node1', disk: '*', mode: 'eio'};
    const services = serviceClasses.map((serviceClass) => ({
      ...defaultService,
      name: serviceClass,
      serviceClass,
    }));
    const records = [[crash], [cut, lost], [{verb: 'kill-daemon', node: 'node1'} as const]].flatMap(
      (fault, seed) => verdictsOf({...oneService, disks, services}, seed, fault),
    );
    const reasons = new Set(records.map(({cause}) => cause.reason));
    expect([...reasons].sort()).toEqual([
      ...(disks === 1 ? ['disk-lease-expired'] : []),
      'operator-confirmed-dead',
      'outside-sees-us',
    ]);
    const outcomes = records.map((record) => replayVerdict(record).outcome);
    expect(new Set(outcomes)).toEqual(new Set(['same']));
  });

  it('names its own service in its question, though verdicts are shared within a class', () => {
    const {service, data} = takeover();
    expect(data['question']).toMatchObject({version: questionVersion, service});
  });

  it('is said to differ where today decides otherwise', () => {
    const record = takeover();
    expect(replayVerdict(record)).toMatchObject({outcome: 'same'});
    const question = structuredClone(record.data['question']) as {peer: {disks: Json[]}};
    question.peer.disks[0]!['changeAgeMs'] = 3_000;
    expect(replayVerdict(withQuestion(record, question))).toMatchObject({
      outcome: 'otherwise',
      recorded: {decision: 'take', proof: 'P2', reason: 'disk-lease-expired'},
      today: {decision: 'refuse', reason: 'peer-disk-alive'},
    });
  });

  it('without a question, or with one of another version, is not judged', () => {
    const record = takeover();
    expect(replayVerdict(withQuestion(record, undefined))).toMatchObject({
      outcome: 'not-replayed',
      why: 'recorded before questions were kept',
    });
    const next = questionVersion + 1;
    const newer = {...(record.data['question'] as Json), version: next};
    expect(replayVerdict(withQuestion(record, newer))).toMatchObject({
      outcome: 'not-replayed',
      why: `recorded in version ${next} of the question; this one reads ${questionVersion}`,
    });
  });

  it('with any field missing or of another kind is not judged', () => {
    const record = takeover();
    const whole = record.data['question'] as Json;
    const wrong: string[] = [];
    for (const path of pathsOf(whole)) {
      for (const value of [undefined, {}, 'other']) {
        const broken = replaced(whole, path, value);
        const {outcome} = replayVerdict(withQuestion(record, broken));
        const isName =
          value === 'other' && /service$|node$|medium$|Fault$|fault$/.test(path.at(-1)!);
        if (outcome !== 'not-replayed' && !isName)
          wrong.push(`${path.join('.')} ${JSON.stringify(value)}`);
      }
    }
    expect(wrong).toEqual([]);
    for (const value of [null, 7, 'text', [], {}]) {
      expect(replayVerdict(withQuestion(record, value)).outcome).toBe('not-replayed');
    }
  });
});

/** Of every leaf and every object below the root. */
function pathsOf(value: unknown): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, below]) => [
    [key],
    ...pathsOf(below).map((path) => [key, ...path]),
  ]);
}

function replaced(whole: Json, path: readonly string[], value: unknown): Json {
  const copy = structuredClone(whole);
  let at: Json = copy;
  for (const key of path.slice(0, -1)) at = at[key] as Json;
  at[path.at(-1)!] = value;
  return copy;
}
