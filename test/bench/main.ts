/**
 * `npm run bench`: what the parts cost and how fast the whole moves, as a table and as JSON.
 * Figures stand beside something measured in the same run where there is such a thing, because
 * machines differ. Run it on a machine that has nothing else to do.
 *
 *   npm run bench -- [--json FILE] [--only engine,codec,journal,cli,daemon,starts,cluster,many]
 *                    [--idle SECONDS]
 */

import {writeFileSync} from 'node:fs';
import {arch, cpus, loadavg, release, totalmem} from 'node:os';
import {parseArgs} from 'node:util';
import {cliBench} from './cli-bench.ts';
import {clusterBench, manyBench} from './cluster-bench.ts';
import {codecBench} from './codec-bench.ts';
import {daemonBench} from './daemon-bench.ts';
import {engineBench} from './engine-bench.ts';
import {journalBench} from './journal-bench.ts';
import {table, type Row} from './measure.ts';
import {startsBench} from './starts-bench.ts';
import {startTwoDaemons} from './two-daemons.ts';

const idleSecondsDefault = 60;
/** Above this share of the cores in use, a figure says more about the others than about us. */
const busyShare = 0.25;

const {values} = parseArgs({
  options: {json: {type: 'string'}, only: {type: 'string'}, idle: {type: 'string'}},
});
const idleMs = Number(values.idle ?? idleSecondsDefault) * 1_000;

type Bench = () => Promise<readonly Row[]> | readonly Row[];

const benches: Readonly<Record<string, Bench>> = {
  engine: engineBench,
  codec: codecBench,
  journal: journalBench,
  cli: () => withDaemons((daemons) => cliBench(daemons)),
  daemon: () => withDaemons((daemons) => daemonBench(daemons, idleMs)),
  starts: startsBench,
  cluster: clusterBench,
  many: manyBench,
};

async function withDaemons(
  work: (
    daemons: Awaited<ReturnType<typeof startTwoDaemons>>,
  ) => Promise<readonly Row[]> | readonly Row[],
): Promise<readonly Row[]> {
  const daemons = await startTwoDaemons();
  try {
    return await work(daemons);
  } finally {
    daemons.close();
  }
}

function machine(): string {
  const [first] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`;
  const system = `${process.platform} ${release()} ${arch()}`;
  const cores = `${cpus().length} x ${first?.model ?? 'unknown processor'}`;
  return `${cores}, ${memory}, ${system}, Node ${process.versions.node}`;
}

async function main(): Promise<number> {
  const names = values.only?.split(',') ?? Object.keys(benches);
  const unknown = names.filter((name) => benches[name] === undefined);
  if (unknown.length > 0 || !(idleMs > 0)) {
    const known = Object.keys(benches).join(', ');
    process.stderr.write(`bench: expected --only of ${known} and --idle SECONDS\n`);
    return 2;
  }
  const load = loadavg()[0] ?? 0;
  console.log(`${new Date().toISOString().slice(0, 10)}, ${machine()}, load ${load.toFixed(2)}`);
  if (load > busyShare * cpus().length) {
    process.stderr.write('bench: this machine is busy; what follows may not mean much\n');
  }
  const rows: Row[] = [];
  for (const name of names) {
    process.stderr.write(`bench: ${name} ...\n`);
    rows.push(...(await benches[name]!()));
  }
  console.log(table(rows));
  if (values.json !== undefined) {
    const result = {at: new Date().toISOString(), machine: machine(), load, rows};
    writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
  }
  return 0;
}

process.exitCode = await main();
