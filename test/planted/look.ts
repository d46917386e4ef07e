/**
 * Started by scratch.ts with a tree that has a defect: plays a scenario, or seeds of the swarm, and
 * prints what came of it as JSON.
 */

import {readFileSync} from 'node:fs';
import {pathToFileURL} from 'node:url';
import * as ours from '../../src/sim/scenario.ts';
import type {Outcome} from './scratch.ts';

const [tree = '', scenarioName = '', firstSeed = '', seedCount = ''] = process.argv.slice(2);

/** The module of the planted tree, typed as our own. */
async function load<T>(path: string): Promise<T> {
  return (await import(pathToFileURL(`${tree}/src/${path}`).href)) as T;
}

async function swarm(from: number, seeds: number): Promise<Outcome> {
  const {drawSchedule} = await load<typeof import('../../src/sim/swarm.ts')>('sim/swarm.ts');
  const {runSchedule} = await load<typeof import('../../src/sim/explore.ts')>('sim/explore.ts');
  for (let seed = from; seed < from + seeds; seed += 1) {
    const violation = runSchedule(drawSchedule(seed, {nodes: null}));
    if (violation === null) continue;
    const {rule, text} = violation;
    return {kind: 'found', rule, text, seeds: seed - from + 1};
  }
  return {kind: 'missed'};
}

/** The transcript must differ from the one of the sound tree, whatever the golden text says. */
async function play(name: string): Promise<Outcome> {
  const defective = await load<typeof ours>('sim/scenario.ts');
  const path = new URL(`../scenarios/${name}.txt`, import.meta.url);
  const source = readFileSync(path, 'utf8').split('----\n')[0]!;
  const played = transcript(defective, source);
  const broken = /BROKEN (\w+): (.*)/.exec(played);
  if (broken !== null) {
    return {kind: 'found', rule: broken[1]!, text: broken[2]!, seeds: null};
  }
  const sound = transcript(ours, source);
  if (played === sound) return {kind: 'missed'};
  const lines = sound.split('\n');
  const first = played.split('\n').find((line, index) => line !== lines[index]);
  return {kind: 'found', rule: 'transcript', text: (first ?? '').trim(), seeds: null};
}

function transcript(room: typeof ours, source: string): string {
  const scenario = room.parseScenario(source);
  if (!scenario.ok) throw new Error(scenario.error);
  return room.playScenario(scenario.value);
}

const outcome =
  scenarioName === ''
    ? await swarm(Number(firstSeed), Number(seedCount))
    : await play(scenarioName);
process.stdout.write(JSON.stringify(outcome));
