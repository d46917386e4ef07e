// src -> dist with tsc, only where a source is newer than the last build. The new tree takes the
// place of the old one in one rename, so that a failed build leaves the last good one in use.

import {
  existsSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {root, run, say} from './process.mjs';

const dist = join(root, 'dist');
const stamp = join(dist, '.built');

function newestMs(paths) {
  return Math.max(...paths.map((path) => statSync(path).mtimeMs));
}

function stale() {
  if (!existsSync(stamp)) {
    return true;
  }
  const sources = readdirSync(join(root, 'src'), {recursive: true}).map((name) =>
    join(root, 'src', name),
  );
  const settings = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
  const inputs = [...sources, ...settings.map((name) => join(root, name))];
  return newestMs(inputs) > statSync(stamp).mtimeMs;
}

/** Builds when stale; resolves to the exit code. */
export async function build() {
  if (!stale()) {
    return 0;
  }
  say('building dist ...');
  const startedAt = new Date();
  const fresh = join(root, `dist.${process.pid}.tmp`);
  const old = join(root, `dist.${process.pid}.old.tmp`);
  try {
    const code = await run(['tsc', '-p', 'tsconfig.build.json', '--outDir', fresh]);
    if (code !== 0) {
      return code;
    }
    // A source that was saved while tsc ran must count as newer than this build.
    writeFileSync(join(fresh, '.built'), `${startedAt.toISOString()}\n`);
    utimesSync(join(fresh, '.built'), startedAt, startedAt);
    if (existsSync(dist)) {
      renameSync(dist, old);
    }
    renameSync(fresh, dist);
    return 0;
  } finally {
    rmSync(fresh, {recursive: true, force: true});
    rmSync(old, {recursive: true, force: true});
  }
}
