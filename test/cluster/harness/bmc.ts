/**
 * A management controller per node: ipmi_sim, which speaks IPMI 2.0 as a server's BMC does, and
 * whose power switch is the node's processes. All of them live on the switch, on the first link: a
 * node whose packets to the other nodes are lost still reaches them, as over a network of their
 * own.
 */

import {spawn} from 'node:child_process';
import {chmodSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {must, runCommand} from './command.ts';
import {freezer} from './freezer.ts';
import type {Network} from './network.ts';
import type {ClusterNode} from './node.ts';
import {waitFor} from './wait-for.ts';

export const bmcUser = 'admin';
export const bmcPassword = 'correct-horse';

/** A controller without sensors, on which every chassis command works. */
const emulation = `mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02
mc_enable 0x20
`;

export class Bmc {
  readonly address: string;
  readonly #directory: string;
  readonly #network: Network;
  readonly #node: ClusterNode;
  readonly #shared: string;

  constructor(parts: {
    readonly network: Network;
    readonly node: ClusterNode;
    readonly directory: string;
    /** Logs of witnessed services there are told that the node is off. */
    readonly shared: string;
  }) {
    this.#network = parts.network;
    this.#node = parts.node;
    this.#shared = parts.shared;
    this.#directory = parts.directory;
    this.address = `10.50.0.${200 + parts.node.number}`;
    mkdirSync(this.#directory, {recursive: true});
  }

  /** Orders to the power switch so far, in words as `set power 0`. */
  orders(): readonly string[] {
    return this.#log().filter((line) => line.startsWith('set'));
  }

  async start(): Promise<void> {
    const directory = this.#directory;
    const namespace = this.#network.namespaceOf('sw');
    await must(['ip', '-n', namespace, 'addr', 'add', `${this.address}/24`, 'dev', 'br0']);
    writeFileSync(join(directory, 'log'), '');
    writeFileSync(join(directory, 'chassis'), this.#chassis());
    chmodSync(join(directory, 'chassis'), 0o755);
    writeFileSync(join(directory, 'bmc.emu'), emulation);
    writeFileSync(join(directory, 'lan.conf'), this.#settings());
    const group = freezer(this.#network.namespaceOf(`bmc-${this.#node.name}`));
    const files = ['-c', 'lan.conf', '-f', 'bmc.emu', '-s', 'state'];
    // Not by `ip netns exec`, which covers /sys and with it the control groups of the nodes.
    const enter = ['nsenter', `--net=/run/netns/${namespace}`, '--'];
    const program = [...enter, 'ipmi_sim', ...files, '-n'];
    const into = `echo $$ > "$1" && shift && exec "$@"`;
    spawn('sh', ['-c', into, 'sh', group.procsFile, ...program], {
      cwd: directory,
      detached: true,
      stdio: 'ignore',
    });
    await waitFor(`the BMC of ${this.#node.name} answers`, async () => {
      const {code, stderr} = await this.#ask('status');
      if (code !== 0) throw new Error(stderr);
      return true;
    });
  }

  /** It hangs: packets reach it and nothing comes back. */
  async hang(): Promise<void> {
    await freezer(this.#network.namespaceOf(`bmc-${this.#node.name}`)).freeze();
  }

  /** It acknowledges every order and does nothing; asked, it says what `says` has. */
  lie(says: 'on' | 'off'): void {
    writeFileSync(join(this.#directory, 'lie'), says === 'on' ? '1' : '0');
  }

  #log(): readonly string[] {
    return readFileSync(join(this.#directory, 'log'), 'utf8').split('\n').filter(Boolean);
  }

  #ask(what: string): Promise<{code: number | null; stderr: string}> {
    const login = ['-U', bmcUser, '-P', bmcPassword];
    const tool = ['ipmitool', '-I', 'lanplus', '-C', '3', '-H', this.address, ...login];
    const enter = ['ip', 'netns', 'exec', this.#network.namespaceOf('sw')];
    return runCommand([...enter, ...tool, 'power', what]);
  }

  #settings(): string {
    const levels = ['callback', 'user', 'operator', 'admin'];
    return [
      'name "bmc"',
      'set_working_mc 0x20',
      '  startlan 1',
      `    addr ${this.address} 623`,
      '    priv_limit admin',
      ...levels.map((level) => `    allowed_auths_${level} none md2 md5 straight`),
      '    guid a123456789abcdefa123456789abcdef',
      '  endlan',
      `  chassis_control "${join(this.#directory, 'chassis')}"`,
      '  user 1 true "" "unused" user 10 none md2 md5 straight',
      `  user 2 true "${bmcUser}" "${bmcPassword}" admin 10 none md2 md5 straight`,
      '',
    ].join('\n');
  }

  /** `get power`, `set power 0`: what ipmi_sim calls. Off kills all of the node, frozen or not. */
  #chassis(): string {
    const procs = this.#node.processesFile;
    return `#!/bin/sh
cd ${this.#directory}
echo "$*" >>log
runs() { [ -n "$(cat ${procs})" ]; }
power() { if [ -e lie ]; then cat lie; elif runs; then echo 1; else echo 0; fi; }
pull() {
  for pid in $(cat ${procs}); do kill -KILL "$pid"; done
  cd ${dirname(procs)}
  if [ -e freezer.state ]; then echo THAWED >freezer.state; else echo 0 >cgroup.freeze; fi
  while runs; do sleep 0.01; done
  for log in ${this.#shared}/*.log; do
    echo "$(cut -d' ' -f1 /proc/uptime) ${this.#node.name} off" >>"$log"
  done
}
if [ "$1 $2" = "get power" ]; then echo "power:$(power)"
elif [ "$1 $2 $3" = "set power 0" ] && [ ! -e lie ]; then pull
fi
exit 0
`;
  }
}
