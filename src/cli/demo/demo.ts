/**
 * `ha demo`: a cluster of two nodes on this machine, a takeover played before the eyes of whoever
 * looks, and then the cluster to play with. With `--once` it ends after the story, and its exit
 * code says whether each step was seen from outside.
 */

import {readFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {exitCodes} from '../../kernel/exit-codes.ts';
import type {Invocation} from '../invocation.ts';
import type {Output} from '../world.ts';
import {freePorts} from './free-ports.ts';
import {hints, reviveMs} from './hints.ts';
import {demoNodes, makeDirectory, writeLayout} from './layout.ts';
import type {DemoNodeName, DemoPaths, DemoPorts} from './layout.ts';
import {Lookout} from './lookout.ts';
import {DemoNode} from './node.ts';
import {play, type Failure} from './player.ts';
import {liveScreen, plainScreen, type Screen} from './screen.ts';
import {story} from './steps.ts';
import {World} from './world.ts';

/** Rows and columns that the picture needs; a smaller terminal gets plain lines. */
const rowsMin = 24;
const columnsMin = 80;
const logLines = 8;
const tendMs = 500;

/** True where the sources are run as they are. */
const isSource = import.meta.url.endsWith('.ts');

export async function demo({flags, world}: Invocation): Promise<number> {
  const stop = new AbortController();
  const offInterrupt = world.onInterrupt(() => stop.abort());
  const launcher = await launcherText(flags['launcher']);
  const ports = await choosePorts();
  const paths = await makeDirectory();
  const stage = new World({paths, nodes: makeNodes(paths), webPort: ports.web});
  try {
    await writeLayout({paths, ports, launcher, webServer: webServerFile()});
    await stage.makeSecret();
    const url = `http://127.0.0.1:${ports.web}/`;
    const once = flags['once'] === true;
    return await perform(stage, {paths, url, out: world.stdout, once, signal: stop.signal});
  } finally {
    await stage.close();
    offInterrupt();
  }
}

interface Show {
  readonly paths: DemoPaths;
  readonly url: string;
  readonly out: Output;
  readonly once: boolean;
  readonly signal: AbortSignal;
}

async function perform(stage: World, show: Show): Promise<number> {
  const {out, paths, url, signal} = show;
  const screen = chooseScreen(out);
  out.write(`Everything lies in ${paths.directory} until the end.\n`);
  const startMs = performance.now();
  const doneMs: number[] = [];
  const lookout = new Lookout(
    () => stage.look(),
    (sight) => {
      const elapsedMs = performance.now() - startMs;
      if (!signal.aborted)
        screen.sight({sight, url, elapsedMs, steps: story, doneMs, rows: out.rows});
    },
  );
  const failure = await Promise.race([
    aborted(signal),
    play({
      world: stage,
      steps: story,
      signal,
      nextSight: () => lookout.next(),
      onBegin: (step, number) => screen.begin(step, number),
      onProof: (proof) => {
        doneMs.push(proof.durationMs);
        screen.proof(proof);
      },
    }),
  ]);
  if (failure === null && !show.once && !signal.aborted) {
    screen.say(hints(paths, url));
    await tend(stage, signal);
  }
  await lookout.close();
  if (signal.aborted) return show.once ? exitCodes.failed : exitCodes.done;
  return failure === null
    ? succeed(show, doneMs.length)
    : fail(stage, show, {...failure, step: doneMs.length});
}

/** Until Ctrl-C: the cluster is the visitor's, and a daemon that ended comes back. */
async function tend(stage: World, signal: AbortSignal): Promise<void> {
  const gone = aborted(signal);
  while (!signal.aborted) {
    await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, tendMs))]);
    if (signal.aborted) return;
    // One that does not come up is tried again; the picture shows that it is not there.
    await stage.revive(reviveMs).catch(() => undefined);
  }
}

function succeed({out}: Show, stepCount: number): number {
  out.write(`\nThe story came true: ${stepCount} of ${stepCount} steps seen from outside.\n`);
  return exitCodes.done;
}

async function fail(
  stage: World,
  {out}: Show,
  failure: Failure & {readonly step: number},
): Promise<number> {
  out.write(`\nStep ${failure.step + 1} did not come true: ${story[failure.step]?.title ?? ''}\n`);
  for (const sentence of failure.missing) out.write(`  ${sentence}\n`);
  for (const name of demoNodes) {
    out.write(`The last that the daemon of ${name} logged:\n`);
    for (const line of await stage.logOf(name, logLines)) out.write(`  ${line}\n`);
  }
  return exitCodes.failed;
}

function chooseScreen(out: Output): Screen {
  const live = out.isTerminal && out.rows >= rowsMin && out.columns >= columnsMin;
  const write = (text: string): void => out.write(text);
  return live ? liveScreen(write) : plainScreen(write);
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener('abort', () => resolve(null), {once: true});
  });
}

async function choosePorts(): Promise<DemoPorts> {
  const [web = 0, multicast = 0, beat1 = 0, beat2 = 0, peer1 = 0, peer2 = 0] = await freePorts(6);
  const beat = {node1: beat1, node2: beat2};
  return {web, multicast, beat, peer: {node1: peer1, node2: peer2}};
}

function makeNodes(paths: DemoPaths): Readonly<Record<DemoNodeName, DemoNode>> {
  const main = isSource
    ? new URL('../main.ts', import.meta.url)
    : new URL('../../../bin/ha', import.meta.url);
  const program = [process.execPath, fileURLToPath(main)];
  const make = (name: DemoNodeName): DemoNode =>
    new DemoNode({name, paths: paths.of(name), program});
  return {node1: make('node1'), node2: make('node2')};
}

function webServerFile(): string {
  const built = fileURLToPath(new URL('./web-server.js', import.meta.url));
  return isSource ? built.replace(/\.js$/, '.ts') : built;
}

async function launcherText(file: Invocation['flags'][string]): Promise<string | null> {
  return typeof file === 'string' ? readFile(file, 'utf8') : null;
}
