import {mkdirSync, writeFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {healthy} from '../status/views.ts';
import {Place, serve} from './cli.ts';
import type {Handler} from './cli.ts';

const record = (seq: number, change: object = {}): Record<string, unknown> => ({
  seq,
  at: `2026-11-20T22:11:0${seq}.000Z`,
  incarnation: 7,
  hash: '0'.repeat(16),
  kind: 'transition',
  service: 'web',
  node: 'node1',
  atMs: seq,
  cause: {reason: 'start-done', detail: 'app#1 answers'},
  data: {from: 'STARTING', to: 'STARTED', epoch: 4},
  ...change,
});

const sends =
  (records: readonly unknown[], ends: boolean): Handler =>
  (_request, exchange) => {
    for (const one of records) exchange.reply({kind: 'event', record: one});
    if (ends) exchange.reply({kind: 'end', exit: 0, text: '', data: null});
  };

const step = record(2, {kind: 'step', data: {action: 'start', rid: 'app#1', phase: 'done'}});

describe('ha events', () => {
  test('prints a line per record', async () => {
    const place = new Place();
    const daemon = await serve(place, healthy(), sends([record(1), step], true));
    expect(await place.ha(['events'])).toMatchInlineSnapshot(`
      {
        "exit": 0,
        "stderr": "",
        "stdout": "2026-11-20T22:11:01.000Z node1 web STARTING -> STARTED  start-done: app#1 answers
      2026-11-20T22:11:02.000Z node1 web step start app#1 done  start-done: app#1 answers
      ",
      }
    `);
    expect(daemon.requests).toEqual([
      {
        op: 'events',
        node: null,
        actor: 'reader',
        service: null,
        sinceSeq: 0,
        limit: 50,
        follow: false,
      },
    ]);
  });

  test('as JSON gives the records themselves, one per line', async () => {
    const place = new Place();
    await serve(place, healthy(), sends([record(1), step], true));
    const {stdout} = await place.ha(['events', '--json', '--service', 'web', '--limit', '2']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([record(1), step]);
  });

  test('-f goes on until Ctrl-C, which is no failure', async () => {
    const place = new Place();
    await serve(place, healthy(), sends([record(1)], false));
    const {exit, stdout} = await place.ha(['events', '-f'], {
      onStdout: (_text, hands) => hands.interrupt(),
    });
    expect({exit, lines: stdout.split('\n').length}).toEqual({exit: 0, lines: 2});
  });

  test('leaves out what is no record', async () => {
    const place = new Place();
    await serve(place, healthy(), sends(['x', null, {at: 1}], true));
    expect((await place.ha(['events'])).stdout).toBe('');
  });

  test.each(['0', '-1', 'all', '1.5', '10001'])('--limit %s is refused', async (limit) => {
    const {exit, stderr} = await new Place().ha(['events', `--limit=${limit}`]);
    expect(exit).toBe(2);
    expect(stderr).toContain(`--limit expected a number from 1 to 10000, found "${limit}"`);
  });

  test('without the daemon reads the journal itself and ends with 3', async () => {
    const place = new Place();
    const folder = `${place.env['HA_STATE']!}/journal`;
    mkdirSync(folder, {recursive: true});
    const {partName} = await import('../../src/journal/io/journal-directory.ts');
    const lines = [record(1), step].map(({hash, ...one}) => JSON.stringify({...one, hash}));
    const text = lines.map((line) => `${line}\n`).join('');
    writeFileSync(`${folder}/${partName(1)}`, text);
    const {exit, stdout, stderr} = await place.ha(['events']);
    expect(stdout).toContain('node1 web STARTING -> STARTED');
    expect(stderr).toContain('no daemon listens');
    expect(exit).toBe(3);
  });
});

describe('ha history', () => {
  test('shows states, orders and verdicts, not each step', async () => {
    const place = new Place();
    await serve(place, healthy(), sends([record(1), step, record(3), record(4)], true));
    const {stdout} = await place.ha(['history', 'web', '--limit', '2']);
    expect(stdout.match(/22:11:\d\d/g)).toEqual(['22:11:03', '22:11:04']);
  });

  test('shows why a resource was restarted in place, and a plan only where it failed', async () => {
    const place = new Place();
    const plan = (seq: number, reason: string): Record<string, unknown> =>
      record(seq, {
        kind: 'plan',
        cause: {reason, detail: 'app#1: exit code 1'},
        data: {kind: 'start', steps: ['start app#1']},
      });
    const end = (seq: number, kind: string): Record<string, unknown> =>
      record(seq, {kind: 'plan-end', data: {plan: 'web/1', kind}});
    const restarting = plan(2, 'restarting-resource');
    const told = [plan(1, 'rank-first'), restarting, end(3, 'done'), end(4, 'failed')];
    await serve(place, healthy(), sends(told, true));
    expect((await place.ha(['history', 'web'])).stdout).toMatchInlineSnapshot(`
      "2026-11-20T22:11:02.000Z node1 web plan start [start app#1]  restarting-resource: app#1: exit code 1
      2026-11-20T22:11:04.000Z node1 web plan web/1 failed  start-done: app#1 answers
      "
    `);
  });
});
