/**
 * A machine whose process 1 is a real systemd: a container over a copy-on-write view of this
 * system, with a network of its own, that starts nothing but the units of the test. It lives in a
 * mount namespace of its own and dies with whoever made it, so that nothing of it is left behind.
 */

import {execFile, spawn} from 'node:child_process';
import {existsSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {promisify} from 'node:util';
import {makeFolder, until} from './scripts.ts';

export const hasNspawn = existsSync('/usr/bin/systemd-nspawn') && process.getuid?.() === 0;

export interface Machine {
  /** A `systemctl` that speaks to the systemd inside. */
  readonly systemctl: string;
  /** Runs a command line inside; its standard output. */
  inside(line: string): Promise<string>;
  remove(): Promise<void>;
}

const target = `[Unit]
Requires=basic.target
After=basic.target
AllowIsolate=yes
`;

/** `units`: file name -> content; null: masked. */
export async function startMachine(
  units: Readonly<Record<string, string | null>>,
): Promise<Machine> {
  const folder = await makeFolder();
  for (const [name, text] of Object.entries({...units, 'own.target': target})) {
    if (text !== null) await folder.file(name, text);
  }
  const masked = Object.keys(units).filter((name) => units[name] === null);
  const script = await folder.script('boot', bootScript(folder.path, masked));
  const output = await folder.file('log', '');
  // TERM makes it shut the inside down; after a KILL the inside would go on.
  const argv = ['--pdeathsig', 'TERM', 'unshare', '--mount', '--propagation', 'private', script];
  const child = spawn('setpriv', argv, {stdio: 'ignore', detached: true});
  const gone = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  const call = promisify(execFile);
  const first = async (): Promise<string> =>
    (await call('pgrep', ['-P', String(child.pid)])).stdout.trim().split('\n')[0] ?? '';
  const enter = async (): Promise<string> => `nsenter -t ${await first()} -m -p -n -u -i`;
  const inside = async (line: string): Promise<string> =>
    (await call('sh', ['-c', `${await enter()} sh -c '${line}'`])).stdout;
  await until('systemd has booted', async () => {
    if (child.exitCode !== null) throw new Error(await readFile(output, 'utf8'));
    return inside('systemctl is-active own.target').then(
      () => true,
      () => false,
    );
  });
  const systemctl = await folder.script('systemctl', `exec ${await enter()} systemctl "$@"`);
  return {
    systemctl,
    inside,
    async remove() {
      process.kill(Number(await first()), 'SIGKILL');
      await gone;
      await folder.remove();
    },
  };
}

function bootScript(folder: string, masked: readonly string[]): string {
  const units = '$root/etc/systemd/system';
  return `exec >${folder}/log 2>&1
set -e
root=${folder}/root
mkdir -p ${folder}/t $root
mount -t tmpfs tmpfs ${folder}/t
mkdir ${folder}/t/upper ${folder}/t/work
mount -t overlay overlay -o lowerdir=/,upperdir=${folder}/t/upper,workdir=${folder}/t/work $root
mkdir -p ${units}
cp ${folder}/*.service ${folder}/*.target ${units}/
for name in dbus.socket ${masked.join(' ')}; do ln -sf /dev/null ${units}/$name; done
exec systemd-nspawn --quiet --directory=$root --boot --register=no --keep-unit --private-network \\
  --link-journal=no --hostname=inside systemd.unit=own.target systemd.show_status=0 </dev/null`;
}
