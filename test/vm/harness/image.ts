/**
 * What a virtual machine boots: Debian's own kernel, unpacked and not installed, and a memory file
 * system of a shell and the modules that reach the host's files. Its root is the host's, read only,
 * with a layer in memory over it: there is no disk image to build, and all programs are there.
 */

import {chmod, copyFile, mkdir, readdir, readFile, rename, rm, writeFile} from 'node:fs/promises';
import {basename, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {must, runCommand} from '../../cluster/harness/command.ts';

export interface Image {
  readonly kernel: string;
  readonly memory: string;
  /** Folder of the modules of that kernel. */
  readonly modules: string;
}

const root = resolve(fileURLToPath(import.meta.url), '../../../..');
/** Below node_modules, so that it lives as long as what is installed there. */
const cache = join(root, 'node_modules/.cache/understudy-vm');
/** In the order of their names in the image: what another one needs comes first. */
const bootModules = ['virtio_pci', '9pnet_virtio', '9p', 'overlay', 'virtio_net'];
const downloadMs = 5 * 60_000;

/** Downloads and builds what is missing. */
export async function prepareImage(): Promise<Image> {
  const version = await kernelPackage();
  const folder = join(cache, version);
  const release = version.replace('linux-image-', '');
  const image = {
    kernel: join(folder, `boot/vmlinuz-${release}`),
    memory: join(folder, 'memory.img'),
    modules: join(folder, 'lib/modules', release),
  };
  const parts = await readdir(folder).catch((): string[] => []);
  if (!parts.includes('boot')) await unpackKernel(version, folder);
  await buildMemory(folder, release, image.memory);
  return image;
}

/** The kernel that Debian's release has now; its lists may be old or absent. */
async function kernelPackage(): Promise<string> {
  const find = async (): Promise<string | undefined> => {
    const words = ['apt-cache', 'depends', 'linux-image-amd64'];
    const {stdout} = await runCommand(words, {deadlineMs: downloadMs});
    return /Depends: (linux-image-\S+)/.exec(stdout)?.[1];
  };
  const known = await find();
  if (known !== undefined) return known;
  await must(['apt-get', '-qq', 'update'], {deadlineMs: downloadMs});
  const name = await find();
  if (name === undefined) throw new Error('apt-cache names no kernel for linux-image-amd64');
  return name;
}

async function unpackKernel(name: string, folder: string): Promise<void> {
  const work = `${folder}.part`;
  await rm(work, {recursive: true, force: true});
  await mkdir(work, {recursive: true});
  const download = ['sh', '-c', `cd "$1" && apt-get -qq download "$2"`, 'sh', work, name];
  await must(download, {deadlineMs: downloadMs});
  const file = (await readdir(work)).find((entry) => entry.endsWith('.deb'));
  await must(['dpkg-deb', '-x', join(work, file ?? ''), work], {deadlineMs: downloadMs});
  await rm(join(work, file ?? ''));
  const release = name.replace('linux-image-', '');
  await must(['depmod', '-b', work, release], {deadlineMs: downloadMs});
  await rename(work, folder);
}

/** Anew each time: it takes half a second, and a stale one would be a riddle. */
async function buildMemory(folder: string, release: string, memory: string): Promise<void> {
  const work = join(folder, 'memory');
  await rm(work, {recursive: true, force: true});
  for (const name of ['bin', 'proc', 'sys', 'dev', 'lower', 'rw', 'new', 'modules']) {
    await mkdir(join(work, name), {recursive: true});
  }
  await copyFile('/bin/busybox', join(work, 'bin/busybox'));
  const names: string[] = [];
  for (const name of bootModules) {
    const words = ['modprobe', '-d', folder, '-S', release, '--show-depends', name];
    for (const line of (await must(words)).split('\n')) {
      const path = /^insmod (\S+)/.exec(line)?.[1];
      if (path === undefined || names.includes(basename(path))) continue;
      names.push(basename(path));
      await copyFile(path, join(work, 'modules', basename(path)));
    }
  }
  await writeFile(join(work, 'modules/order'), `${names.join('\n')}\n`);
  const init = join(work, 'init');
  const source = fileURLToPath(new URL('../guest/init.sh', import.meta.url));
  await writeFile(init, await readFile(source));
  await chmod(init, 0o755);
  const pack =
    'cd "$1" && find . | cpio --quiet -o -H newc | gzip -1 >"$2.new" && mv "$2.new" "$2"';
  await must(['sh', '-c', pack, 'sh', work, memory]);
}
