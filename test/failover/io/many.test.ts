import {readdir, readFile} from 'node:fs/promises';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {plansParallelMax} from '../../../src/kernel/limits.ts';
import {serviceName} from '../../../src/kernel/ids.ts';
import {
  isRunning,
  makeFolder,
  scriptResource,
  serviceOf,
  until,
  type Folder,
} from '../../drivers/scripts.ts';
import {makeRig} from './rig.ts';

let folder: Folder;

beforeEach(async () => {
  folder = await makeFolder();
});

afterEach(() => folder.remove());

const lines = async (name: string): Promise<readonly string[]> =>
  (await folder.read(name)).split('\n').filter((line) => line !== '');

/** proc(5): our own children, by number, with the letter of their state. */
async function children(): Promise<ReadonlyMap<number, string>> {
  const found = new Map<number, string>();
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(parent) === process.pid) found.set(Number(pid), state);
  }
  return found;
}

test('two hundred services start within the limit and leave no process behind', async () => {
  const before = await children();
  const script = await folder.script(
    'service',
    `echo "+ $$" >> ${folder.path}/diary\necho "- $$" >> ${folder.path}/diary`,
  );
  const rig = makeRig();
  const outcomes = await Promise.all(
    Array.from({length: 200}, (_, index) => {
      const name = serviceName(`s${index}`);
      return rig.run(serviceOf([scriptResource(script)], {name}));
    }),
  );
  expect(outcomes.every(({kind}) => kind === 'done')).toBe(true);
  expect(rig.runningMax()).toBeLessThanOrEqual(plansParallelMax);
  const diary = await lines('diary');
  let running = 0;
  let runningMax = 0;
  for (const line of diary) {
    running += line.startsWith('+') ? 1 : -1;
    runningMax = Math.max(runningMax, running);
  }
  expect([diary.length, running]).toEqual([400, 0]);
  expect(runningMax).toBeLessThanOrEqual(plansParallelMax);
  for (const [pid] of await children()) expect(before.has(pid)).toBe(true);
  await rig.runner.close();
});

test('what hangs, forks or is killed leaves neither a zombie nor an orphan', async () => {
  const before = await children();
  const note = `echo $$ >> ${folder.path}/pids`;
  const texts = [
    `${note}; (${note}; sleep 600) & sleep 600`,
    `trap '' TERM; ${note}; sleep 600`,
    `${note}; kill -KILL $$`,
    `${note}; kill -STOP $$`,
    `${note}; (trap '' TERM; ${note}; sleep 600) & exec sleep 600`,
  ];
  const rig = makeRig();
  await Promise.all(
    texts.map(async (text, index) => {
      const script = await folder.script(`s${index}`, `[ "$1" = start ] || exit 0\n${text}`);
      const resource = scriptResource(script, {startMs: 1_500});
      const name = serviceName(`s${index}`);
      expect(await rig.run(serviceOf([resource], {name}))).toMatchObject({kind: 'failed'});
    }),
  );
  const pids = (await lines('pids')).map(Number);
  expect(pids.length).toBeGreaterThanOrEqual(texts.length);
  for (const pid of pids) expect(await isRunning(pid)).toBe(false);
  for (const [pid] of await children()) expect(before.has(pid)).toBe(true);
  await rig.runner.close();
});

test('a daemon that a start leaves running is neither ended nor held', async () => {
  const text = `case $1 in
    start) (echo $$ > /dev/null; exec sleep 600) & echo $! > "$0.pid" ;;
    stop) kill "$(cat "$0.pid")" ;;
    status) kill -0 "$(cat "$0.pid")" 2>/dev/null || exit 3 ;;
    esac`;
  const resource = scriptResource(await folder.script('d', text), {probe: 'status'});
  const rig = makeRig();
  const web = serviceOf([resource]);
  expect((await rig.run(web)).kind).toBe('done');
  const pid = Number(await folder.read('d.pid'));
  expect(await isRunning(pid)).toBe(true);
  expect((await rig.run(web, 'stop')).kind).toBe('done');
  await until('the daemon has ended', async () => !(await isRunning(pid)));
  await rig.runner.close();
});
