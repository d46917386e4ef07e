// `npm ci` where node_modules is missing or is not what the lock file says. npm writes its own
// record of what it installed as the last thing, so an interrupted installation is noticed too.

import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {root, say, spawned} from './process.mjs';

function packages(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), 'utf8')).packages;
  } catch {
    return null; // missing or cut short: the same as not installed
  }
}

/** True where all that the lock file demands on this machine is there in the right version. */
function installed() {
  const wanted = packages('package-lock.json');
  const found = packages('node_modules/.package-lock.json');
  if (wanted === null || found === null) {
    return false;
  }
  const same = (name) => wanted[name]?.version === found[name]?.version;
  const missing = Object.keys(wanted).filter(
    (name) => name !== '' && wanted[name].optional !== true && !(name in found),
  );
  return missing.length === 0 && Object.keys(found).every(same);
}

/** Installs when needed; resolves to the exit code. */
export async function install() {
  if (installed()) {
    return 0;
  }
  say('installing the packages of package-lock.json ...');
  const env = {...process.env};
  // Headers of the machine's Node would be the wrong ones for the Node that runs the project.
  delete env.npm_config_nodedir;
  const flags = ['--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  // Node 20 only carries npm here; that other packages want a newer one is no news.
  const code = await spawned(['npm', 'ci', '--loglevel=error', ...flags], env);
  if (code !== 0) {
    say('npm ci failed: its message above says why. It needs the registry and write access here');
  }
  return code;
}
