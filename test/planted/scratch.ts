/** A copy of src/ with one defect in it, and what the simulator of that copy says. */

import {spawn} from 'node:child_process';
import {cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {projectRoot} from '../tidy/files.ts';
import {planted} from './defect.ts';
import type {Defect} from './defect.ts';

export type Outcome =
  /** `rule`: the broken rule, or `transcript`; `seeds`: runs until then, null for a scenario. */
  | {
      readonly kind: 'found';
      readonly rule: string;
      readonly text: string;
      readonly seeds: number | null;
    }
  | {readonly kind: 'missed'}
  /** The change does not run at all, which finds nothing. */
  | {readonly kind: 'broken'; readonly text: string};

/** One defect may take this long; a bound of seeds is reached well before. */
const huntMsMax = 15 * 60_000;
/** All of src/ that the simulator does not use. */
const unused = /\/src\/(?:cli|daemon|drivers|control|journal)(?:\/|$)/;

/** Plants the defect in a fresh copy, looks for it there, and takes the copy away. */
export async function hunt(defect: Defect): Promise<Outcome> {
  const tree = mkdtempSync(join(tmpdir(), 'ha-planted-'));
  try {
    cpSync(join(projectRoot, 'src'), join(tree, 'src'), {
      recursive: true,
      filter: (path) => !unused.test(path),
    });
    symlinkSync(join(projectRoot, 'node_modules'), join(tree, 'node_modules'));
    writeFileSync(join(tree, 'package.json'), '{"type": "module"}\n');
    const path = join(tree, 'src', defect.file);
    writeFileSync(path, planted(readFileSync(path, 'utf8'), defect));
    return await look(tree, defect);
  } finally {
    rmSync(tree, {recursive: true, force: true});
  }
}

/** In a process of its own: a defect may loop or throw. */
function look(tree: string, {by}: Defect): Promise<Outcome> {
  const script = join(projectRoot, 'test/planted/look.ts');
  const args =
    'scenario' in by ? [tree, by.scenario] : [tree, '', String(by.from ?? 1), String(by.seeds)];
  const child = spawn(process.execPath, [script, ...args], {timeout: huntMsMax});
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((done) => {
    child.on('close', (code, signal) => {
      if (code === 0) done(JSON.parse(out) as Outcome);
      else done({kind: 'broken', text: `${signal ?? ''}${err.slice(0, 2_000)}`});
    });
  });
}
