import {access, link} from 'node:fs/promises';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {ServiceConfig} from '../../../src/config/types.ts';
import {resourceId, serviceName} from '../../../src/kernel/ids.ts';
import {makeFolder, scriptResource, serviceOf, type Folder} from '../../drivers/scripts.ts';
import {makeRig, statefulScript} from './rig.ts';

const size = 6;
const numbers = Array.from({length: size}, (_, index) => index + 1);

let folder: Folder;

beforeEach(async () => {
  folder = await makeFolder();
});

afterEach(() => folder.remove());

/** A service of six stateful scripts, all links to one file. */
async function service(name: string): Promise<ServiceConfig> {
  const shared = `${folder.path}/shared`;
  if (!(await exists(shared))) await folder.script('shared', statefulScript);
  const resources = [];
  for (const number of numbers) {
    const script = `${folder.path}/${name}-${number}`;
    await link(shared, script);
    const rid = resourceId(`r${number}`);
    resources.push(scriptResource(script, {rid, probe: 'status', startMs: 60_000, stopMs: 60_000}));
  }
  return serviceOf(resources, {name: serviceName(name)});
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

async function upOf(name: string): Promise<readonly number[]> {
  const up: number[] = [];
  for (const number of numbers) {
    if (await exists(`${folder.path}/${name}-${number}.up`)) up.push(number);
  }
  return up;
}

describe('a start of six steps', () => {
  test('comes out right for every step that fails and every undo that fails', async () => {
    const rig = makeRig();
    const cases: Promise<void>[] = [];
    for (const failing of numbers) {
      for (const stuck of [0, ...numbers]) cases.push(one(failing, stuck));
    }
    await Promise.all(cases);
    await rig.runner.close();

    async function one(failing: number, stuck: number): Promise<void> {
      const name = `f${failing}-u${stuck}`;
      const web = await service(name);
      await folder.file(`${name}-${failing}.start`, 'half\n');
      if (stuck > 0) await folder.file(`${name}-${stuck}.stop`, 'fail\n');
      const outcome = await rig.run(web);
      // What was never reached is down, so that its stop is not even tried.
      const left = stuck > 0 && stuck <= failing ? [stuck] : [];
      expect({name, kind: outcome.kind, clean: outcome.clean, up: await upOf(name)}).toEqual({
        name,
        kind: 'failed',
        clean: left.length === 0,
        up: left,
      });
      const undone = rig.progress
        .filter((step) => step.service === web.name && step.action === 'undo')
        .filter((step) => step.phase !== 'begin')
        .map((step) => step.step);
      expect(undone).toEqual(numbers.slice(0, failing).toReversed());
    }
  });

  test('cancelled while any of its steps runs is undone to the last one', async () => {
    const rig = makeRig({onProgress: cancel});
    // The action runs once its script has brought the resource up and hangs.
    function cancel({
      phase,
      action,
      step,
      plan,
      service: name,
    }: (typeof rig.progress)[number]): void {
      if (action !== 'start' || phase !== 'begin' || name !== `hang${step}`) return;
      void untilUp(`${folder.path}/${name}-${step}.up`).then(() => rig.runner.abort(plan));
    }
    await Promise.all(
      numbers.map(async (number) => {
        const name = `hang${number}`;
        const web = await service(name);
        await folder.file(`${name}-${number}.start`, 'hang\n');
        const outcome = await rig.run(web);
        expect(outcome).toMatchObject({kind: 'failed', clean: true});
        expect(outcome.detail).toMatch(/cancelled after/);
        expect(await upOf(name)).toEqual([]);
      }),
    );
    await rig.runner.close();
  });

  test('cancelled between any two of its steps is undone to the last one', async () => {
    const rig = makeRig({
      onProgress({phase, action, step, plan, service: name}) {
        if (action === 'start' && phase === 'done' && name === `cut${step}`) rig.runner.abort(plan);
      },
    });
    await Promise.all(
      numbers.map(async (number) => {
        const name = `cut${number}`;
        const web = await service(name);
        const outcome = await rig.run(web);
        expect(outcome).toMatchObject({kind: 'failed', clean: true});
        expect(outcome.detail).toMatch(/^it was cancelled; undone: /);
        expect(await upOf(name)).toEqual([]);
        const starts = rig.progress.filter((one) => one.service === web.name);
        expect(starts.filter((one) => one.phase === 'done' && one.action === 'undo')).toHaveLength(
          number,
        );
      }),
    );
    await rig.runner.close();
  });
});

async function untilUp(path: string): Promise<void> {
  while (!(await exists(path))) await sleep(5);
}
