/**
 * A virtual machine under qemu's own translation, which works where the host has no KVM. Its
 * console is a pair of line streams; its end, and why it came, is known from the monitor protocol.
 */

import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {writeFile} from 'node:fs/promises';
import {connect, type Socket} from 'node:net';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {waitFor} from '../../cluster/harness/wait-for.ts';
import type {Image} from './image.ts';

export interface MachineOptions {
  readonly name: string;
  /** For its script and its sockets; the machine sees it under the same path. */
  readonly folder: string;
  /** Lines of sh; the console is its input and output. When they end, the machine is off. */
  readonly script: readonly string[];
  readonly devices?: readonly string[];
  /** A command line before qemu's, to start it elsewhere. */
  readonly enter?: readonly string[];
}

const patienceMs = 240_000;

const begin = [
  'export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'stty -echo -onlcr </dev/console',
  'ip link set lo up',
];
const end = ['echo "vm: script over"', 'echo o >/proc/sysrq-trigger', 'sleep 60'];

export class Machine {
  readonly lines: string[] = [];
  /** Names of the events that qemu told, in their order: WATCHDOG, RESET, SHUTDOWN. */
  readonly events: string[] = [];
  readonly #name: string;
  readonly #qemu: ChildProcess;
  readonly #ended: Promise<unknown>;
  #monitor: Socket | null = null;
  #isOver = false;

  private constructor(name: string, qemu: ChildProcess) {
    this.#name = name;
    this.#qemu = qemu;
    this.#ended = once(qemu, 'close').then(() => (this.#isOver = true));
    for (const stream of [qemu.stdout, qemu.stderr]) {
      if (stream === null) throw new Error('qemu has no console');
      createInterface({input: stream}).on('line', (line) => this.lines.push(line.trimEnd()));
    }
  }

  static async boot(image: Image, options: MachineOptions): Promise<Machine> {
    const {name, folder, enter = [], devices = []} = options;
    const script = join(folder, `${name}.sh`);
    await writeFile(script, [...begin, ...options.script, ...end, ''].join('\n'));
    const monitor = join(folder, `${name}.qmp`);
    const words = [...enter, ...qemuWords(image, {script, monitor}), ...devices];
    const [program = '', ...args] = words;
    const machine = new Machine(name, spawn(program, args, {stdio: 'pipe'}));
    await machine.#listen(monitor);
    return machine;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The first line from `since` on that matches. */
  async untilLine(pattern: RegExp, since = 0): Promise<string> {
    const find = (): string | undefined =>
      this.lines.slice(since).find((line) => pattern.test(line));
    await waitFor(
      `${this.#name} says ${pattern}`,
      () => {
        if (this.isOver || find() !== undefined) return true;
        throw new Error(this.#last());
      },
      patienceMs,
    );
    const line = find();
    if (line !== undefined) return line;
    throw new Error(`${this.#name} is off without ${pattern}; it said:\n${this.#last()}`);
  }

  #last(): string {
    return this.lines.slice(-30).join('\n');
  }

  /** One line to its console, and the first line of the answer that begins with `vm: `. */
  async ask(line: string): Promise<string> {
    const since = this.lines.length;
    this.#qemu.stdin?.write(`${line}\n`);
    return (await this.untilLine(/^vm: /, since)).slice(4);
  }

  /** Off, by its own hand or a watchdog's. */
  async untilOver(): Promise<void> {
    await waitFor(`${this.#name} is off`, () => this.isOver, patienceMs);
    this.#monitor?.destroy();
  }

  async kill(): Promise<void> {
    if (!this.isOver) this.#qemu.kill('SIGKILL');
    await this.#ended;
    this.#monitor?.destroy();
  }

  async #listen(path: string): Promise<void> {
    const socket = await waitFor('the monitor answers', async () => {
      if (this.isOver) throw new Error(this.lines.join('\n'));
      const trial = connect(path);
      await once(trial, 'connect');
      return trial;
    });
    this.#monitor = socket;
    socket.on('error', () => undefined); // It goes with the machine.
    socket.write('{"execute":"qmp_capabilities"}\n');
    createInterface({input: socket}).on('line', (line) => {
      const {event} = JSON.parse(line) as {event?: string};
      if (event !== undefined) this.events.push(event);
    });
  }
}

function qemuWords(
  image: Image,
  files: {readonly script: string; readonly monitor: string},
): readonly string[] {
  const share = (id: string, path: string, tag: string): readonly string[] => [
    '-fsdev',
    `local,id=${id},path=${path},security_model=none,readonly=on,multidevs=remap`,
    '-device',
    `virtio-9p-pci,fsdev=${id},mount_tag=${tag}`,
  ];
  const cpu = 'qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt';
  const machine = `-accel tcg,thread=multi -cpu ${cpu} -m 768 -display none -nodefaults -no-reboot`;
  return [
    'qemu-system-x86_64',
    ...machine.split(' '),
    '-serial',
    'stdio',
    '-qmp',
    `unix:${files.monitor},server=on,wait=off`,
    '-kernel',
    image.kernel,
    '-initrd',
    image.memory,
    '-append',
    `console=ttyS0 panic=-1 quiet understudy.script=${files.script}`,
    ...share('root', '/', 'root'),
    ...share('modules', image.modules, 'modules'),
  ];
}
