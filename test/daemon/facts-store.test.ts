import {mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {formatFacts, noNodeFacts, parseFacts} from '../../src/daemon/facts-format.ts';
import {FactsStore, nextIncarnation, readFacts} from '../../src/daemon/facts-store.ts';
import {sha256Text} from '../../src/journal/io/journal-directory.ts';
import {nodeName, serviceName} from '../../src/kernel/ids.ts';
import type {StoredFacts} from '../../src/daemon/facts-format.ts';
import type {FreezeInfo, ServiceFacts} from '../../src/engine/types.ts';
import {canMount, smallDisk} from './small-disk.ts';

let directory = '';
const stores: FactsStore[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ha-facts-'));
});
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  rmSync(directory, {recursive: true, force: true});
});

const clocks = {nowMs: 500, wallMs: Date.UTC(2026, 10, 20, 12)};
const here = {cluster: 'blue', node: 'node1', ...clocks};
const path = (): string => join(directory, 'facts.json');

function openStore(where: string, known: StoredFacts, options = {}): FactsStore {
  const store = new FactsStore(where, known, {generation: 0, ...options});
  stores.push(store);
  return store;
}

/** Web runs with epoch 3, then 4, then 5, and the node is drained: a snapshot and three lines. */
async function snapshotAndLog(): Promise<{readonly log: string; readonly text: string}> {
  const store = openStore(directory, facts);
  await store.flush();
  for (const epoch of [4, 5]) {
    store.setService(serviceName('web'), {...web, epoch});
    expect(await store.flush()).toEqual({ok: true, value: undefined});
  }
  store.setNode({...noNodeFacts, drained: {...freeze, until: null}});
  expect(await store.flush()).toEqual({ok: true, value: undefined});
  const log = join(directory, 'facts-000000000001.log');
  return {log, text: readFileSync(log, 'utf8')};
}

async function epochOfWeb(): Promise<number | string | undefined> {
  const reading = await readFacts(directory, here);
  if (reading.kind !== 'read') return reading.kind;
  return reading.facts.services.get(serviceName('web'))?.epoch;
}

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
    const store = openStore(directory, facts);
    store.setService(serviceName('db'), {...web, freeze: null, frozen: null});
    const fences = [{node: nodeName('node2'), lied: true, spent: false}];
    store.setNode({...noNodeFacts, fences, drained: {...freeze, until: null}});
    expect(await store.flush()).toEqual({ok: true, value: undefined});
    const reading = await readFacts(directory, here);
    expect(reading).toEqual({
      kind: 'read',
      generation: 1,
      facts: {
        ...facts,
        services: new Map([
          ['web', {...web, freeze: {...freeze, untilMs: 10_500}}],
          ['db', {...web, freeze: null, frozen: null}],
        ]),
        nodeFacts: {...noNodeFacts, fences, drained: {...freeze, untilMs: null, until: null}},
      },
    });
    expect(readdirSync(directory)).toEqual(['facts-000000000001.log', 'facts.json']);
  });

  test('that are missing are no fault', async () => {
    expect(await readFacts(directory, here)).toEqual({kind: 'missing'});
  });

  test('with a freeze that ended while the daemon was away end it at once', () => {
    const late = {...clocks, wallMs: clocks.wallMs + 86_400_000};
    const read = parseFacts(formatFacts(facts, 1).text, late);
    expect(read.ok && read.value.facts.services.get(serviceName('web'))?.freeze?.untilMs).toBe(500);
  });

  test('keep what the other nodes said last, and a file without it is of an older version', () => {
    const said = {node: nodeName('node2'), incarnation: 9, sequence: 4, keepingUntil: null};
    const kept = {...said, keepingUntil: '2026-11-20T10:00:00.000Z'};
    const readBack = (peers: unknown) => {
      const nodeFacts = {...noNodeFacts, peers} as typeof noNodeFacts;
      const read = parseFacts(formatFacts({...facts, nodeFacts}, 1).text, clocks);
      return read.ok ? read.value.facts.nodeFacts.peers : read.error;
    };
    expect(readBack([said, kept])).toEqual([said, kept]);
    expect(readBack([{...said, keepingUntil: 'soon'}])).toEqual([said]);
    expect(readBack([{...said, sequence: -1}, 7])).toEqual([]);
    expect(readBack(undefined)).toEqual([]);
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
    ['another version', (text: string) => text.replace('"version":2', '"version":3')],
    ['another format', (text: string) => text.replace('understudy-facts', 'x')],
    ['a list', () => '[]'],
  ])('damaged by %s are kept aside and not believed', async (_name, damage) => {
    writeFileSync(path(), damage(formatFacts(facts, 1).text));
    const reading = await readFacts(directory, here);
    expect(reading).toMatchObject({kind: 'corrupt', error: {code: 'HA_STATE_CORRUPT'}});
    expect(readdirSync(directory)).toEqual(['facts.json', 'facts.json.corrupt-1795176000']);
  });

  test.each([
    ['another cluster', {...facts, cluster: 'red'}, 'cluster red'],
    ['another node', {...facts, node: 'node2'}, 'node node2'],
  ])('of %s are refused and left alone', async (_name, other, words) => {
    const {text} = formatFacts(other, 1);
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

describe('the log behind the snapshot', () => {
  test('has a line for each commit that changed something, and the last one counts', async () => {
    const {text} = await snapshotAndLog();
    expect(text.split('\n')).toHaveLength(4);
    const reading = await readFacts(directory, here);
    expect(reading).toMatchObject({kind: 'read', facts: {nodeFacts: {drained: {by: 'root'}}}});
    expect(await epochOfWeb()).toBe(5);
  });

  test('is not written where nothing changed', async () => {
    const store = openStore(directory, facts);
    await store.flush();
    store.setService(serviceName('web'), {...web, epoch: 4});
    await Promise.all([store.flush(), store.flush()]);
    expect(
      readFileSync(join(directory, 'facts-000000000001.log'), 'utf8').split('\n'),
    ).toHaveLength(2);
    expect(await epochOfWeb()).toBe(4);
  });

  test('is followed by a snapshot when it is long, and one log is left', async () => {
    const store = openStore(directory, facts, {logBytesMax: 500});
    for (let epoch = 4; epoch <= 40; epoch += 1) {
      store.setService(serviceName('web'), {...web, epoch});
      expect(await store.flush()).toEqual({ok: true, value: undefined});
      expect(await epochOfWeb()).toBe(epoch);
    }
    const [log = '', ...others] = readdirSync(directory);
    expect(others).toEqual(['facts.json']);
    expect(readFileSync(join(directory, log)).length).toBeLessThan(1_000);
  });

  test('is left for a snapshot after a failure, though one more line might fit', async () => {
    const store = openStore(directory, facts);
    await store.flush();
    store.setService(serviceName('web'), {...web, epoch: 4});
    expect(await store.renew()).toEqual({ok: true, value: undefined});
    expect(readdirSync(directory)).toEqual(['facts-000000000002.log', 'facts.json']);
    expect(readFileSync(join(directory, 'facts-000000000002.log'), 'utf8')).toBe('');
    expect(await epochOfWeb()).toBe(4);
  });

  test('goes on over a restart', async () => {
    await snapshotAndLog();
    const reading = await readFacts(directory, here);
    if (reading.kind !== 'read') throw new Error(reading.kind);
    const store = openStore(directory, reading.facts, {generation: reading.generation});
    await store.flush();
    store.setService(serviceName('db'), web);
    await store.flush();
    expect(readdirSync(directory)).toEqual(['facts-000000000002.log', 'facts.json']);
    expect(await epochOfWeb()).toBe(5);
  });

  test('torn at any place of its last line counts up to the line before', async () => {
    const {log, text} = await snapshotAndLog();
    const lines = text.split('\n');
    const whole = `${lines[0]}\n`;
    const next = lines[1] ?? '';
    for (let length = 0; length <= next.length; length += 1) {
      writeFileSync(log, whole + next.slice(0, length));
      expect(await epochOfWeb()).toBe(4);
    }
    writeFileSync(log, `${whole}${next}\n`);
    expect(await epochOfWeb()).toBe(5);
  });

  test.each([
    ['zeros', '\0'.repeat(300)],
    ['zeros and a line end', `{"hash":"${'\0'.repeat(300)}\n`],
  ])('that a power cut left with %s counts up to the line before', async (_name, tail) => {
    const {log, text} = await snapshotAndLog();
    writeFileSync(log, text + tail);
    expect(await epochOfWeb()).toBe(5);
  });

  test.each([
    ['a digit in the middle', (text: string) => text.replace('"epoch":4', '"epoch":3')],
    ['a digit in the last line', (text: string) => text.replace('disk swap', 'disk swaq')],
    ['a line that is missing', (text: string) => text.slice(text.indexOf('\n') + 1)],
    ['a line twice', (text: string) => text.slice(0, text.indexOf('\n') + 1) + text],
    ['a line that is none of ours', (text: string) => `${text}{}\n`],
    ['zeros in the middle', (text: string) => text.replace('"epoch":4', '\0\0')],
    ['nothing but its length', () => ' '.repeat(5 * 1_024 * 1_024)],
  ])('damaged by %s is kept aside and nothing is believed', async (_name, damage) => {
    const {log, text} = await snapshotAndLog();
    writeFileSync(log, damage(text));
    const reading = await readFacts(directory, here);
    expect(reading).toMatchObject({kind: 'corrupt', error: {code: 'HA_STATE_CORRUPT'}});
    expect(readdirSync(directory)).toContain('facts-000000000001.log.corrupt-1795176000');
    expect(readdirSync(directory)).toContain('facts.json.corrupt-1795176000');
  });

  test('that was taken away is damage', async () => {
    const {log} = await snapshotAndLog();
    rmSync(log);
    const reading = await readFacts(directory, here);
    expect(reading).toMatchObject({kind: 'corrupt'});
    expect(reading.kind === 'corrupt' && reading.error.message).toContain(`${log} is missing`);
  });

  test('of another snapshot does not fit this one', async () => {
    const {log, text} = await snapshotAndLog();
    writeFileSync(path(), formatFacts({...facts, incarnation: 42}, 1).text);
    writeFileSync(log, text);
    expect(await epochOfWeb()).toBe('corrupt');
  });

  test('is not asked for behind a file of the version without one', async () => {
    const body = JSON.stringify({...facts, services: Object.fromEntries(facts.services)});
    const head = `{"format":"understudy-facts","version":1,"checksum":"${sha256Text(body)}",`;
    writeFileSync(path(), `${head}\n"facts":${body}}\n`);
    expect(await epochOfWeb()).toBe(3);
  });
});

describe.runIf(canMount)('facts on a full disk', () => {
  test('that broke off in a line of the log come with the next snapshot', async () => {
    const disk = smallDisk(256);
    const known = new Map([...Array(100).keys()].map((one) => [serviceName(`s${one}`), web]));
    try {
      const store = openStore(disk.path, {...facts, services: known});
      expect(await store.flush()).toMatchObject({ok: true});
      writeFileSync(join(disk.path, 'ballast'), 'b'.repeat(215 * 1_024));
      for (const name of known.keys()) store.setService(name, {...web, epoch: 7});
      expect(await store.flush()).toMatchObject({ok: false, error: {code: 'HA_STORAGE_FULL'}});
      const old = await readFacts(disk.path, here);
      expect(old.kind === 'read' && old.facts.services.get(serviceName('s0'))?.epoch).toBe(3);
      rmSync(join(disk.path, 'ballast'));
      expect(await store.flush()).toMatchObject({ok: true});
      const fresh = await readFacts(disk.path, here);
      expect(fresh.kind === 'read' && fresh.facts.services.get(serviceName('s99'))?.epoch).toBe(7);
      await store.close();
    } finally {
      disk.remove();
    }
  });

  test('are reported, the old file stays whole, and the new one comes when it can', async () => {
    const disk = smallDisk(64);
    try {
      const store = openStore(disk.path, facts);
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
      await store.close();
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
