/**
 * A real SCSI target in a network namespace of its own, and host adapters for as many nodes as a
 * test wants. What a node reserves, the target keeps; what it refuses, fails. The adapters are
 * sessions from user space, because this kernel may have no SCSI at all.
 */

import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, openSync, symlinkSync, truncateSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {must, runCommand, type CommandResult} from '../cluster/harness/command.ts';
import {waitFor} from '../cluster/harness/wait-for.ts';

const lunBytes = 1 << 20;
export const iqn = 'iqn.2001-01.com.example:disk';
/** Of the control socket, which lies in the namespace. */
const control = '55';

/** Compiles the adapter into `folder`; returns its path. Beside it lies `sg_persist`. */
export async function compileInitiator(folder: string): Promise<string> {
  const source = join(dirname(fileURLToPath(import.meta.url)), 'scsi-initiator.c');
  const program = join(folder, 'scsi-initiator');
  await must(['gcc', '-O1', '-Wall', '-Werror', '-o', program, source, '-liscsi']);
  symlinkSync(program, join(folder, 'sg_persist'));
  return program;
}

export class ScsiTarget {
  readonly folder: string;
  readonly #initiator: string;
  readonly #server: ChildProcess;
  readonly #sessions = new Set<ChildProcess>();

  private constructor(folder: string, initiator: string) {
    this.folder = folder;
    this.#initiator = initiator;
    const log = openSync(join(folder, 'tgtd.log'), 'a');
    const daemon = `exec tgtd -f -C ${control} --iscsi portal=127.0.0.1:3260`;
    const script = `ip link set lo up && ${daemon}`;
    const stdio = ['ignore', log, log] as const;
    this.#server = spawn('unshare', ['--net', 'sh', '-c', script], {stdio: [...stdio]});
  }

  /** With that many disks. `folder` takes the image files and the sockets. */
  static async start(folder: string, disks: number): Promise<ScsiTarget> {
    mkdirSync(folder, {recursive: true});
    const target = new ScsiTarget(folder, await compileInitiator(folder));
    await waitFor('tgtd answers', async () => {
      const {code, stderr} = await target.#admin('show', 'target');
      if (code !== 0) throw new Error(stderr);
      return true;
    });
    await target.#mustAdmin('new', 'target', '--tid', '1', '-T', iqn);
    for (let disk = 1; disk <= disks; disk += 1) {
      const image = join(folder, `lun${disk}.img`);
      writeFileSync(image, '');
      truncateSync(image, lunBytes);
      const lun = ['--lun', String(disk), '-b', image];
      await target.#mustAdmin('new', 'logicalunit', '--tid', '1', ...lun);
    }
    await target.#mustAdmin('bind', 'target', '--tid', '1', '-I', 'ALL');
    return target;
  }

  /** What goes before a command that is to run in the target's network. */
  get enter(): readonly string[] {
    return ['nsenter', `--net=/proc/${this.#server.pid}/ns/net`, '--'];
  }

  /** The stand-in for sg_persist that takes these sockets as devices. */
  get sgPersist(): string {
    return join(this.folder, 'sg_persist');
  }

  /** A way of a node to a disk, from 1: what stands for the device. */
  async connect(node: string, disk: number, {abort = true} = {}): Promise<string> {
    const socket = join(this.folder, `${node}-lun${disk}`);
    const url = `iscsi://127.0.0.1/${iqn}/${disk}`;
    const name = `iqn.2001-01.com.example:${node}`;
    const argv = [this.#initiator, 'serve', url, name, socket, ...(abort ? ['abort'] : [])];
    const session = spawn('nsenter', [...this.enter.slice(1), ...argv], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#sessions.add(session);
    session.on('exit', () => this.#sessions.delete(session));
    await Promise.race([once(session.stdout, 'data'), once(session, 'exit')]);
    if (session.exitCode !== null) throw new Error(`${node}: no session to disk ${disk}`);
    return socket;
  }

  /**
   * One block; the code is that of sg_persist: 24 is a reservation conflict. As a kernel does, it
   * is given again where the disk only had a UNIT ATTENTION to tell (6).
   */
  async write(device: string, lba: number, text: string): Promise<number> {
    const argv = [this.#initiator, 'io', device, 'write', String(lba), text];
    const {code} = await runCommand(argv);
    return (code === 6 ? (await runCommand(argv)).code : code) ?? -1;
  }

  async read(device: string, lba: number): Promise<string> {
    return (await must([this.#initiator, 'io', device, 'read', String(lba)])).trim();
  }

  /** `sg_persist ARGS DEVICE`, by hand. */
  persist(device: string, ...args: readonly string[]): Promise<CommandResult> {
    return runCommand([this.sgPersist, ...args, device]);
  }

  async close(): Promise<void> {
    const ending = [...this.#sessions].map(async (session) => {
      const over = once(session, 'exit');
      session.stdin?.end();
      await over;
    });
    await Promise.all(ending);
    // It does not end on TERM while it has targets.
    if (this.#server.exitCode === null && this.#server.signalCode === null) {
      const over = once(this.#server, 'exit');
      this.#server.kill('SIGKILL');
      await over;
    }
  }

  #admin(action: string, mode: string, ...rest: readonly string[]): Promise<CommandResult> {
    const words = ['-C', control, '--lld', 'iscsi', '--op', action, '--mode', mode, ...rest];
    return runCommand([...this.enter, 'tgtadm', ...words]);
  }

  async #mustAdmin(...words: readonly [string, string, ...string[]]): Promise<void> {
    const {code, stdout, stderr} = await this.#admin(...words);
    if (code !== 0) throw new Error(`tgtadm ${words.join(' ')}: ${stderr}${stdout}`);
  }
}
