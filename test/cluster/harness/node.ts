/**
 * One machine of the cluster: a set of namespaces whose process 1 can be killed, which is a power
 * cut, and whose control group can be frozen, which is what a paused virtual machine or a stalled
 * hypervisor looks like from outside and from within.
 */

import {spawn, type ChildProcess} from 'node:child_process';
import {randomUUID} from 'node:crypto';
import {chmodSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {runCommand, type CommandOptions, type CommandResult} from './command.ts';
import {freezer, type Freezer} from './freezer.ts';
import {configureStation} from './network.ts';
import {setupScript} from './node-setup.ts';
import {waitFor} from './wait-for.ts';

export const projectRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/** Where each node sees the shared disk unless a test wants another name. Below /dev. */
export const diskPath = '/dev/mapper/shared';

export interface NodeOptions {
  readonly name: string;
  /** From 1; the last part of its addresses. */
  readonly number: number;
  /** Tag and node name: of its network namespace and its control group. */
  readonly namespace: string;
  readonly directory: string;
  readonly links: readonly number[];
  readonly disk: {readonly device: string; readonly path: string} | null;
  /** Carrier on all its cables, which a machine without power does not give. */
  readonly setCarrier: (on: boolean) => Promise<void>;
}

/** A program that was started inside and goes on. */
export interface NodeProcess {
  /** Pid on the host. */
  readonly pid: number;
  /** Resolves when it has ended: exit code, or null after a signal or a power cut. */
  readonly ended: Promise<number | null>;
  readonly hasEnded: () => boolean;
  /** Signal to the program alone; its children are not touched. */
  readonly signal: (signal: NodeJS.Signals) => void;
  /** All that it printed so far, both streams. */
  readonly output: () => string;
}

export class ClusterNode {
  readonly name: string;
  readonly number: number;
  readonly directory: string;
  readonly #options: NodeOptions;
  readonly #freezer: Freezer;
  #keeper: ChildProcess | null = null;
  #pid = 0;
  #started = 0;

  constructor(options: NodeOptions) {
    this.name = options.name;
    this.number = options.number;
    this.directory = options.directory;
    this.#options = options;
    this.#freezer = freezer(options.namespace);
    for (const part of ['conf', 'state', 'logs']) {
      mkdirSync(join(this.directory, part), {recursive: true});
    }
  }

  get isOn(): boolean {
    return this.#keeper !== null;
  }

  /** Lists the processes of the node, as the host numbers them. */
  get processesFile(): string {
    return this.#freezer.procsFile;
  }

  /** Where a file of the node is for who is outside, also one in its memory; while it is on. */
  path(inside: string): string {
    return `/proc/${this.#pid}/root${inside}`;
  }

  /** It lost its power by another hand than `powerOff`. */
  async untilOff(): Promise<void> {
    await waitFor(`${this.name} is off`, () => this.#freezer.pids().length === 0);
    await waitFor(`${this.name} is known to be off`, () => this.#keeper === null);
  }

  /**
   * Writes files into the node's /etc/ha; `secret.key` becomes private. Works without power too.
   */
  configure(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.directory, 'conf', name);
      mkdirSync(dirname(path), {recursive: true});
      writeFileSync(path, text);
      chmodSync(path, isSecret(name) ? 0o600 : text.startsWith('#!') ? 0o755 : 0o644);
    }
  }

  /** Boots: a new boot id, empty memory file systems, network up. Nothing of ours runs yet. */
  async powerOn(): Promise<void> {
    const {name, namespace, directory, disk, number, links} = this.#options;
    writeFileSync(join(directory, 'boot_id'), `${randomUUID()}\n`);
    await this.#options.setCarrier(true);
    await configureStation(namespace, number, links);
    const keep = [projectRoot, dirname(dirname(process.execPath))];
    const script = setupScript({name, directory, keep, disk});
    const unshare = '--mount --pid --uts --ipc --fork --kill-child --mount-proc';
    const enter = `ip netns exec ${namespace} unshare ${unshare} --propagation private sh`;
    const into = `echo $$ > ${this.#freezer.procsFile} && exec ${enter} -c "$1"`;
    const setupLog = join(directory, 'setup.log');
    const log = openSync(setupLog, 'a');
    const keeper = spawn('sh', ['-c', into, 'sh', script], {
      detached: true,
      stdio: ['ignore', 'pipe', log],
    });
    this.#keeper = keeper;
    keeper.on('exit', () => (this.#keeper = null));
    let printed = '';
    keeper.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text));
    await waitFor(`${name} is up`, () => {
      if (this.#keeper === null) throw new Error(readFileSync(setupLog, 'utf8'));
      return printed === 'up\n';
    });
    this.#pid = await waitFor(`process 1 of ${name}`, () => childOf(keeper.pid));
  }

  /** Pulls the plug: everything inside ends at once, nothing is flushed or said. */
  async powerOff(): Promise<void> {
    const {setCarrier, name} = this.#options;
    if (this.#keeper === null) throw new Error(`${name} is off already`);
    process.kill(this.#pid, 'SIGKILL');
    await setCarrier(false);
    this.#freezer.thaw();
    await this.untilOff();
  }

  /** Stops every process inside, as they stand. */
  async freeze(): Promise<void> {
    await this.#freezer.freeze();
  }

  thaw(): void {
    this.#freezer.thaw();
  }

  /** Runs a program inside to its end. */
  async exec(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return runCommand(this.#enter(argv), {...options, env: this.#environment(options.env)});
  }

  /** Like exec, but a failure of the program is one of the test; returns what it printed. */
  async must(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
    const {code, stdout, stderr} = await this.exec(argv, options);
    if (code === 0) return stdout;
    const said = `${stderr}${stdout}`.trim();
    throw new Error(`${this.name}: ${argv.join(' ')}: exit ${String(code)}: ${said}`);
  }

  /** Starts a program inside that goes on; its output is kept in the log of that name. */
  async start(argv: readonly string[], logName: string): Promise<NodeProcess> {
    this.#started += 1;
    const path = join(this.directory, 'logs', `${logName}-${this.#started}.log`);
    const log = openSync(path, 'a');
    const [file = '', ...args] = this.#enter(argv);
    // A group of its own: a Ctrl-C of the test run is not for the nodes.
    const stdio = ['ignore', log, log] as const;
    const child = spawn(file, args, {env: this.#environment(), stdio: [...stdio], detached: true});
    const end = Promise.withResolvers<number | null>();
    child.on('exit', (code) => end.resolve(code));
    const pid = await waitFor(`${argv.join(' ')} runs`, () => {
      if (child.exitCode !== null) throw new Error(readFileSync(path, 'utf8'));
      return childOf(child.pid);
    });
    return {
      pid,
      ended: end.promise,
      hasEnded: () => child.exitCode !== null || child.signalCode !== null,
      output: () => readFileSync(path, 'utf8'),
      signal: (signal) => {
        process.kill(pid, signal);
        // nsenter stops itself together with its child and must be woken with it.
        if (signal === 'SIGCONT') child.kill(signal);
      },
    };
  }

  /** What everything inside printed so far. */
  logs(): readonly {readonly name: string; readonly text: string}[] {
    const directory = join(this.directory, 'logs');
    return readdirSync(directory)
      .map((name) => ({name, text: readFileSync(join(directory, name), 'utf8')}))
      .filter(({text}) => text !== '');
  }

  /**
   * Entering costs 5 ms. The process joins the control group first, so that it is in every freeze.
   */
  #enter(argv: readonly string[]): readonly string[] {
    if (this.#keeper === null) throw new Error(`${this.name} is off`);
    const into = 'echo $$ > "$1" && shift && exec nsenter "$@"';
    const target = ['--target', String(this.#pid), '--mount', '--pid', '--uts', '--ipc', '--net'];
    return ['sh', '-c', into, 'sh', this.#freezer.procsFile, ...target, '--', ...argv];
  }

  #environment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    const path = `${dirname(process.execPath)}:${projectRoot}/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
    return {PATH: path, HOME: '/root', LC_ALL: 'C', TZ: 'UTC', ...extra};
  }
}

function isSecret(name: string): boolean {
  return name === 'secret.key' || name.endsWith('.password');
}

/** The only child of a process; null where it has none yet. Never 0, which would be ourselves. */
function childOf(pid: number | undefined): number | null {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? null : Number.parseInt(text, 10);
}
