import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {baseDefaults} from '../../src/config/resources/base.ts';
import type {SimpleAppResource} from '../../src/config/resources/app-simple.ts';
import {asDaemon} from '../../src/config/resources/run-as.ts';
import {createSimpleAppDriver} from '../../src/drivers/app-simple.ts';
import {nodeName, resourceId} from '../../src/kernel/ids.ts';
import {contextFor, isRunning, makeFolder, serviceOf, type Folder} from './scripts.ts';

let folder: Folder;
let count = 0;
/** The name of the node is a mark of its processes: each test has its own. */
let node = nodeName('node1');

beforeEach(async () => {
  folder = await makeFolder();
  count += 1;
  node = nodeName(`n${process.pid}-${count}`);
});
afterEach(async () => {
  await driver().stop(resource(['true']), contextFor(resource(['true']), {deadlineMs: 400}));
  await folder.remove();
});

const driver = () => createSimpleAppDriver({node});

function resource(
  start: readonly string[],
  change: Partial<SimpleAppResource> = {},
): SimpleAppResource {
  return {
    ...baseDefaults,
    rid: resourceId('app#1'),
    type: 'app.simple',
    start,
    stop: null,
    check: null,
    retcodes: null,
    kill: 'parent',
    runAs: asDaemon,
    startMs: 10_000,
    stopMs: 10_000,
    probeMs: 10_000,
    place: {file: 'web.conf', line: 1},
    ...change,
  };
}

const look = (one: SimpleAppResource) => driver().probe(one, contextFor(one));
const pidOf = (detail: string): number => Number(/process (\d+)/.exec(detail)?.[1]);

describe('a program in the foreground', () => {
  test('is kept, found again by another driver, and ended', async () => {
    const one = resource(['sleep', '1000']);
    expect((await look(one)).state).toBe('down');
    const started = await driver().start(one, contextFor(one));
    expect(started.kind).toBe('done');
    const seen = await createSimpleAppDriver({node}).probe(one, contextFor(one));
    expect(seen).toMatchObject({state: 'up', detail: started.detail});
    expect((await driver().stop(one, contextFor(one))).kind).toBe('done');
    expect((await look(one)).state).toBe('down');
    expect(await isRunning(pidOf(started.detail))).toBe(false);
  });

  test('of another resource, service or node is not taken for it', async () => {
    const one = resource(['sleep', '1000']);
    await driver().start(one, contextFor(one));
    const other = {...one, rid: resourceId('app#2')};
    expect((await look(other)).state).toBe('down');
    const elsewhere = createSimpleAppDriver({node: nodeName('elsewhere')});
    expect((await elsewhere.probe(one, contextFor(one))).state).toBe('down');
    expect((await look(one)).state).toBe('up');
    expect((await driver().stop(one, contextFor(one))).kind).toBe('done');
  });

  test('that ends at once has not started', async () => {
    const one = resource([await folder.script('bad', 'exit 7')]);
    const outcome = await driver().start(one, contextFor(one));
    expect(outcome).toMatchObject({kind: 'failed'});
    expect(outcome.detail).toContain('it ended: exit code 7');
  });

  test('that is not there is not begun', async () => {
    const one = resource(['/opt/none']);
    const outcome = await driver().start(one, contextFor(one));
    expect(outcome).toMatchObject({kind: 'failed', untouched: true});
  });

  test('that others could change is not begun', async () => {
    const one = resource([await folder.script('open', 'sleep 1000', 0o777)]);
    const outcome = await driver().start(one, contextFor(one));
    expect(outcome).toMatchObject({kind: 'failed', untouched: true});
    expect(outcome.detail).toContain('writable by everybody');
  });

  test('that ignores TERM is killed before its deadline is over', async () => {
    const script = await folder.script('stubborn', "trap '' TERM; while :; do sleep 1; done");
    const one = resource([script]);
    await driver().start(one, contextFor(one));
    const outcome = await driver().stop(one, contextFor(one, {deadlineMs: 2_000}));
    expect(outcome.kind).toBe('done');
    expect(outcome.detail).toMatch(/killed$/);
    expect((await look(one)).state).toBe('down');
  });

  test('whose children live on is not down', async () => {
    const script = await folder.script('family', "trap 'exit 0' TERM; sleep 1000 & wait");
    const one = resource([script]);
    await driver().start(one, contextFor(one));
    process.kill(pidOf((await look(one)).detail), 'SIGTERM');
    await expect.poll(async () => (await look(one)).detail).not.toContain('none');
    expect((await look(one)).state).toBe('up');
    expect((await driver().stop(one, contextFor(one))).kind).toBe('done');
    expect((await look(one)).state).toBe('down');
  });

  test('with a check is broken where the check says no', async () => {
    const check = [await folder.script('check', 'exit $(cat "${0%/*}/code")')];
    const one = resource(['sleep', '1000'], {check});
    await driver().start(one, contextFor(one));
    await folder.file('code', '0');
    expect((await look(one)).state).toBe('up');
    await folder.file('code', '1');
    expect(await look(one)).toMatchObject({state: 'unknown', broken: true});
    expect((await driver().stop(one, contextFor(one))).kind).toBe('done');
    expect((await look(one)).state).toBe('down');
  });

  test('is ended by its own command, where there is one', async () => {
    const stop = [await folder.script('stop', 'touch "${0%/*}/told"')];
    const one = resource(['sleep', '1000'], {stop});
    await driver().start(one, contextFor(one, {service: serviceOf([one])}));
    expect((await driver().stop(one, contextFor(one))).kind).toBe('done');
    expect(await folder.read('told')).toBe('');
    expect((await look(one)).state).toBe('down');
    const failing = {...one, stop: [await folder.script('fails', 'exit 1')]};
    await driver().start(failing, contextFor(failing));
    expect((await driver().stop(failing, contextFor(failing))).kind).toBe('failed');
    expect((await look(one)).state).toBe('up');
    expect(await driver().stop(one, contextFor(one))).toMatchObject({kind: 'done'});
  });

  test('is shown as one would type it', () => {
    const one = resource(['/opt/web', '--title', 'a b']);
    expect(driver().label(one)).toBe('/opt/web');
    expect(driver().describe(one, 'start')).toEqual(["/opt/web --title 'a b'"]);
    expect(driver().describe(one, 'stop')).toEqual(['signal TERM (parent)']);
    const own = resource(['/opt/web'], {stop: ['/opt/ctl', 'stop']});
    expect(driver().describe(own, 'stop')).toEqual(['/opt/ctl stop']);
  });
});
