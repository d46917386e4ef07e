import {mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {formatFacts, noNodeFacts, parseFacts} from '../../src/daemon/facts-format.ts';
import {FactsStore, nextIncarnation, readFacts} from '../../src/daemon/facts-store.ts';
import {serviceName} from '../../src/kernel/ids.ts';
import type {StoredFacts} from '../../src/daemon/facts-format.ts';
import type {FreezeInfo, ServiceFacts} from '../../src/engine/types.ts';
import {canMount, smallDisk} from './small-disk.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ha-facts-'));
});
afterEach(() => {
  rmSync(directory, {recursive: true, force: true});
});

const clocks = {nowMs: 500, wallMs: Date.UTC(2026, 10, 20, 12)};
const here = {cluster: 'blue', node: 'node1', ...clocks};
const path = (): string => join(directory, 'facts.json');

const freeze: FreezeInfo = {
  by: 'root',
  why: 'disk swap',
  since: '2026-11-20T11:00:00.000Z',
  untilMs: 99,
  until: '2026-11-20T12:00:10.000Z',
};
const web: ServiceFacts = {
  epoch: 3,
  owner: true,
  frozen: 'stop',
  freeze,
  failed: null,
  lastAction: 'started',
  bootId: 'b1',
  peerLatch: null,
  underWay: null,
};
const facts: StoredFacts = {
  cluster: 'blue',
  node: 'node1',
  incarnation: 41,
  services: new Map([[serviceName('web'), web]]),
  nodeFacts: noNodeFacts,
};

describe('the facts of a node', () => {
  test('read back as written, the end of a freeze on the clock of this life', async () => {
    const store = new FactsStore(directory, facts);
    store.setService(serviceName('db'), {...web, freeze: null, frozen: null});
    store.setNode({...noNodeFacts, drained: {...freeze, until: null}});
    expect(await store.flush()).toEqual({ok: true, value: undefined});
    const reading = await readFacts(directory, here);
    expect(reading).toEqual({
      kind: 'read',
      facts: {
        ...facts,
        services: new Map([
          ['web', {...web, freeze: {...freeze, untilMs: 10_500}}],
          ['db', {...web, freeze: null, frozen: null}],
        ]),
        nodeFacts: {...noNodeFacts, drained: {...freeze, untilMs: null, until: null}},
      },
    });
    expect(readdirSync(directory)).toEqual(['facts.json']);
  });

  test('that are missing are no fault', async () => {
    expect(await readFacts(directory, here)).toEqual({kind: 'missing'});
  });

  test('with a freeze that ended while the daemon was away end it at once', () => {
    const late = {...clocks, wallMs: clocks.wallMs + 86_400_000};
    const read = parseFacts(formatFacts(facts), late);
    expect(read.ok && read.value.services.get(serviceName('web'))?.freeze?.untilMs).toBe(500);
  });

  test.each([
    ['an empty file', () => ''],
    ['zeros', () => '\0'.repeat(100)],
    ['a cut', (text: string) => text.slice(0, -20)],
    ['one digit', (text: string) => text.replace('"epoch":3', '"epoch":2')],
    [
      'a freeze taken out by hand',
      (text: string) => text.replace('"frozen":"stop"', '"frozen":null'),
    ],
    ['another version', (text: string) => text.replace('"version":1', '"version":2')],
    ['another format', (text: string) => text.replace('understudy-facts', 'x')],
    ['a list', () => '[]'],
  ])('damaged by %s are kept aside and not believed', async (_name, damage) => {
    writeFileSync(path(), damage(formatFacts(facts)));
    const reading = await readFacts(directory, here);
    expect(reading).toMatchObject({kind: 'corrupt', error: {code: 'HA_STATE_CORRUPT'}});
    expect(readdirSync(directory)).toEqual(['facts.json', 'facts.json.corrupt-1795176000']);
  });

  test.each([
    ['another cluster', {...facts, cluster: 'red'}, 'cluster red'],
    ['another node', {...facts, node: 'node2'}, 'node node2'],
  ])('of %s are refused and left alone', async (_name, other, words) => {
    const text = formatFacts(other);
    writeFileSync(path(), text);
    const reading = await readFacts(directory, here);
    expect(reading).toMatchObject({kind: 'refused', error: {code: 'HA_STATE_FOREIGN'}});
    expect(reading.kind === 'refused' && reading.error.message).toContain(words);
    expect(readFileSync(path(), 'utf8')).toBe(text);
  });

  test('that can not be read are refused', async () => {
    const reading = await readFacts(path(), {...here});
    writeFileSync(path(), '');
    expect(reading.kind).toBe('missing');
    expect((await readFacts(path(), here)).kind).toBe('refused');
  });
});

describe.runIf(canMount)('facts on a full disk', () => {
  test('are reported, the old file stays whole, and the new one comes when it can', async () => {
    const disk = smallDisk(64);
    try {
      const store = new FactsStore(disk.path, facts);
      expect(await store.flush()).toMatchObject({ok: true});
      writeFileSync(join(disk.path, 'ballast'), 'b'.repeat(56 * 1_024));
      for (let count = 0; count < 100; count += 1) store.setService(serviceName(`s${count}`), web);
      expect(await store.flush()).toMatchObject({ok: false, error: {code: 'HA_STORAGE_FULL'}});
      const old = await readFacts(disk.path, here);
      expect(old.kind === 'read' && old.facts.services.size).toBe(1);
      rmSync(join(disk.path, 'ballast'));
      expect(await store.flush()).toMatchObject({ok: true});
      const fresh = await readFacts(disk.path, here);
      expect(fresh.kind === 'read' && fresh.facts.services.size).toBe(101);
    } finally {
      disk.remove();
    }
  });
});

test.each([
  ['grows with each life', 5, 3_000, 6],
  ['follows the wall clock where it is ahead', 5, 9_000, 9],
  ['grows though the clock was set back by years', 1_795_176_000, 1_000, 1_795_176_001],
  ['is never 0', 0, 0, 1],
])('the incarnation %s', (_name, stored, wallMs, next) => {
  expect(nextIncarnation(stored, wallMs)).toBe(next);
});
