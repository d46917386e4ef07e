import {describe, expect, test} from 'vitest';
import type {Exchange} from '../../src/control/io/session.ts';
import {whereIsIt} from '../../src/cli/where-is-it.ts';
import type {World} from '../../src/cli/world.ts';
import {nodeName, serviceName} from '../../src/kernel/ids.ts';
import type {StatusView} from '../../src/status/model.ts';
import {
  dualActive,
  healthy,
  node,
  other,
  own,
  peerNode,
  service,
  starting,
} from '../status/views.ts';
import {answerDone, nowMs, orders, Place, serve} from './cli.ts';
import type {Handler} from './cli.ts';

const stoppedEverywhere = healthy({
  services: [service('web', {instances: [own('FROZEN_STOP'), other('FROZEN_STOP')]})],
});
const onNode2 = healthy({
  services: [service('web', {instances: [own('STOPPED'), other('STARTED')]})],
});
const failedOnNode2 = healthy({
  services: [service('web', {instances: [own('STARTED'), other('START_FAILED')]})],
});
const node2Silent = healthy({nodes: [node(), peerNode({state: 'silent'})]});

/** The line, the view, and the orders that follow from it, in their order. */
const rows: readonly (readonly [string, StatusView, readonly string[]])[] = [
  ['start web', healthy(), ['node1: start']],
  ['start web', stoppedEverywhere, ['node1: unfreeze', 'node1: start', 'node2: unfreeze']],
  [
    'start web --node node2',
    stoppedEverywhere,
    ['node2: unfreeze', 'node2: start', 'node1: unfreeze'],
  ],
  ['start web', onNode2, ['node2: start']],
  ['stop web', healthy(), ['node2: freeze-stop', 'node1: freeze-stop']],
  ['stop web', onNode2, ['node1: freeze-stop', 'node2: freeze-stop']],
  ['stop web --node node1', healthy(), ['node1: freeze-stop']],
  ['restart web', onNode2, ['node2: restart']],
  ['switch web', healthy(), ['node1: switch']],
  ['relocate web --to node1', onNode2, ['node2: switch']],
  ['takeover web --yes', healthy(), ['node1: takeover']],
  ['clear web', failedOnNode2, ['node2: clear']],
  ['clear web', healthy(), ['node1: clear']],
  ['clear web --confirm-stopped --yes', healthy(), ['node1: clear']],
  ['freeze web', healthy(), ['node1: freeze', 'node2: freeze']],
  ['freeze web --node node2', healthy(), ['node2: freeze']],
  ['freeze --node node2', healthy(), ['node2: freeze']],
  ['freeze --all --yes', healthy(), ['node1: freeze', 'node2: freeze']],
  ['thaw web', healthy(), ['node1: unfreeze', 'node2: unfreeze']],
  ['unfreeze --all', healthy(), ['node1: unfreeze', 'node2: unfreeze']],
  ['freeze-stop web', healthy(), ['here: freeze-stop']],
  ['freeze-start web --node node2', healthy(), ['node2: freeze-start']],
  ['drain', healthy(), ['node1: drain']],
  ['drain node2', healthy(), ['node2: drain']],
  ['undrain --node node2', healthy(), ['node2: undrain']],
  ['confirm-dead node2 --i-have-checked', node2Silent, ['node1: confirm-dead']],
  ['fence node2 --yes', healthy(), ['node1: fence']],
  ['fence node1 --yes --node node2', healthy(), ['node2: fence']],
  ['daemon stop --yes', healthy(), ['here: shutdown']],
];

function reject(exit: number, text: string, verb: string): Handler {
  return (request, exchange) => {
    if ('command' in request && request.command.verb !== verb) answerDone(request, exchange);
    else exchange.reply({kind: 'end', exit, text, data: null});
  };
}

const takeWhile =
  (...texts: readonly string[]): Handler =>
  (_request, exchange: Exchange) => {
    for (const text of texts) exchange.reply({kind: 'progress', text});
  };

describe('an order', () => {
  test.each(rows)('"ha %s" becomes one order per node', async (line, view, expected) => {
    const place = new Place();
    const daemon = await serve(place, view);
    const {exit, stderr} = await place.ha(line.split(' '));
    expect({exit, stderr}).toEqual({exit: 0, stderr: ''});
    expect(orders(daemon)).toEqual(expected);
  });

  test('carries who, why and for how long', async () => {
    const place = new Place();
    const daemon = await serve(place, healthy());
    await place.ha(['freeze', 'web', '--node', 'node2', '--for', '2h', '--why', 'new disk']);
    expect(daemon.requests.at(-1)).toEqual({
      op: 'command',
      node: 'node2',
      actor: 'root@pts/1',
      wait: true,
      command: {
        verb: 'freeze',
        scope: {kind: 'service', service: 'web'},
        freeze: {
          by: 'root@pts/1',
          why: 'new disk',
          since: '2026-11-20T22:15:29.120Z',
          untilMs: 7_200_000,
          until: '2026-11-21T00:15:29.120Z',
        },
      },
    });
  });

  test('to switch names the node that shall go on', async () => {
    const place = new Place();
    const daemon = await serve(place, healthy());
    await place.ha(['switch', 'web', '--to', 'node2']);
    expect(daemon.requests.at(-1)).toMatchObject({
      command: {verb: 'switch', service: 'web', to: 'node2'},
    });
  });

  test('to stop says how to bring it back', async () => {
    const place = new Place();
    await serve(place, healthy());
    expect((await place.ha(['stop', 'web'])).stdout).toMatchInlineSnapshot(`
      "freeze web on node2: freeze-stop: done
      stop web on node1: freeze-stop: done
      It stays so until: ha start web
      "
    `);
  });

  test('to freeze the cluster says how to lift that', async () => {
    const place = new Place();
    await serve(place, healthy());
    expect((await place.ha(['freeze', '--all', '-y'])).stdout).toMatchInlineSnapshot(`
      "freeze the cluster on node1: freeze: done
      freeze the cluster on node2: freeze: done
      Frozen until it is lifted. Lift it with: ha unfreeze --all
      "
    `);
  });

  test('to start unfreezes the others even where the start failed', async () => {
    const place = new Place();
    const daemon = await serve(
      place,
      stoppedEverywhere,
      reject(106, 'web is not started: node2 may run it', 'start'),
    );
    expect(await place.ha(['start', 'web'])).toMatchInlineSnapshot(`
      {
        "exit": 106,
        "stderr": "ha: start web on node1: web is not started: node2 may run it
      ",
        "stdout": "unfreeze web on node1: unfreeze: done
      unfreeze web on node2: unfreeze: done
      ",
      }
    `);
    expect(orders(daemon)).toEqual(['node1: unfreeze', 'node1: start', 'node2: unfreeze']);
  });

  test('stops at the first one that fails, with its exit code and sentence', async () => {
    const place = new Place();
    const daemon = await serve(place, healthy(), reject(1, 'it runs still', 'freeze-stop'));
    expect(await place.ha(['stop', 'web'])).toEqual({
      exit: 1,
      stdout: '',
      stderr: 'ha: freeze web on node2: it runs still\n',
    });
    expect(orders(daemon)).toEqual(['node2: freeze-stop']);
  });

  test('to stop goes on past a dead node, and says so', async () => {
    const place = new Place();
    const daemon = await serve(place, node2Silent, (request, exchange) => {
      if (request.node !== 'node2') answerDone(request, exchange);
      else exchange.reply({kind: 'end', exit: 3, text: 'node2 is not reachable', data: null});
    });
    expect(await place.ha(['stop', 'web'])).toMatchInlineSnapshot(`
      {
        "exit": 0,
        "stderr": "ha: warning: freeze web on node2: node2 is not reachable
      ",
        "stdout": "stop web on node1: freeze-stop: done
      Not frozen on node2, which may start it. Type then: ha freeze web --node node2
      ",
      }
    `);
    expect(orders(daemon)).toEqual(['node2: freeze-stop', 'node1: freeze-stop']);
  });

  test('to freeze everything fails where a node cannot be told', async () => {
    const place = new Place();
    await serve(place, node2Silent, (request, exchange) => {
      if (request.node !== 'node2') answerDone(request, exchange);
      else exchange.reply({kind: 'end', exit: 3, text: 'node2 is not reachable', data: null});
    });
    const {exit, stdout, stderr} = await place.ha(['freeze', '--all', '--yes']);
    expect({exit, stdout}).toEqual({
      exit: 3,
      stdout: 'freeze the cluster on node1: freeze: done\n',
    });
    expect(stderr).toBe('ha: freeze the cluster on node2: node2 is not reachable\n');
  });

  test('to freeze goes on past a node that fails', async () => {
    const place = new Place();
    const daemon = await serve(place, healthy(), (request, exchange) => {
      if (request.node !== 'node1') answerDone(request, exchange);
      else exchange.reply({kind: 'end', exit: 1, text: 'the disk is full', data: null});
    });
    expect((await place.ha(['freeze', 'web'])).exit).toBe(1);
    expect(orders(daemon)).toEqual(['node1: freeze', 'node2: freeze']);
  });

  test('in two owners stops exactly the one that was named', async () => {
    const place = new Place();
    const daemon = await serve(place, dualActive());
    await place.ha(['freeze-stop', 'web', '--node', 'node2']);
    expect(orders(daemon)).toEqual(['node2: freeze-stop']);
  });

  test('as JSON gives one object with every step', async () => {
    const place = new Place();
    await serve(place, healthy());
    const {stdout} = await place.ha(['freeze', 'web', '--json']);
    expect(JSON.parse(stdout)).toEqual({
      exit: 0,
      steps: [
        {title: 'freeze web on node1', node: 'node1', exit: 0, text: 'freeze: done', data: null},
        {title: 'freeze web on node2', node: 'node2', exit: 0, text: 'freeze: done', data: null},
      ],
    });
  });

  test('without the daemon does nothing and ends with 3', async () => {
    const place = new Place();
    const {exit, stdout, stderr} = await place.ha(['stop', 'web']);
    expect({exit, stdout}).toEqual({exit: 3, stdout: ''});
    expect(stderr).toContain('no daemon listens');
  });
});

describe('waiting', () => {
  test('prints a line per step where there is no terminal', async () => {
    const place = new Place();
    await serve(place, healthy(), (request, exchange) => {
      exchange.reply({kind: 'progress', text: 'stop app#1 (1/1) begin'});
      answerDone(request, exchange);
    });
    const {stderr} = await place.ha(['restart', 'web']);
    expect(stderr).toBe('restart web on node1: stop app#1 (1/1) begin\n');
  });

  test('draws one line again and again at a terminal, and takes it away', async () => {
    const place = new Place();
    await serve(place, healthy(), (request, exchange) => {
      exchange.reply({kind: 'progress', text: 'stop app#1 (1/2) begin'});
      exchange.reply({kind: 'progress', text: 'start app#1 (2/2) begin'});
      answerDone(request, exchange);
    });
    const {stderr} = await place.ha(['restart', 'web'], {terminal: true});
    expect(stderr.split('\r\u001b[K')).toEqual([
      '',
      'restart web on node1: stop app#1 (1/2) begin, 0.0 s (Ctrl-C detaches)',
      'restart web on node1: start app#1 (2/2) begin, 0.0 s (Ctrl-C detaches)',
      '',
    ]);
  });

  test('ends with 75 when --wait has run out; the order goes on', async () => {
    const place = new Place();
    await serve(place, healthy(), takeWhile('stop app#1 (1/1) begin'));
    const {exit, stdout} = await place.ha(['restart', 'web', '--wait=50ms']);
    expect(exit).toBe(75);
    expect(stdout).toBe(
      'restart web on node1 is still running; follow it with: ha events -f --service web\n',
    );
  });

  test('ends with 75 at Ctrl-C; the order goes on', async () => {
    const place = new Place();
    await serve(place, healthy(), takeWhile('stop app#1 (1/1) begin'));
    const {exit, stdout} = await place.ha(['restart', 'web'], {
      onStderr: (_text, hands) => hands.interrupt(),
    });
    expect(exit).toBe(75);
    expect(stdout).toContain('still running');
  });

  test('is left out with --no-wait', async () => {
    const place = new Place();
    const daemon = await serve(place, healthy(), (_request, exchange) => {
      exchange.reply({kind: 'end', exit: 75, text: 'accepted', data: null});
    });
    const {exit, stdout} = await place.ha(['restart', 'web', '--no-wait']);
    expect({exit, stdout}).toEqual({exit: 75, stdout: 'accepted\n'});
    expect(daemon.requests.at(-1)).toMatchObject({wait: false});
  });

  test.each([
    [['restart', 'web', '--wait=soon'], '--wait expected a duration as 30s or 2m, found "soon"'],
    [['restart', 'web', '--wait=2s', '--no-wait'], 'expected --wait or --no-wait, found both'],
    [['freeze', 'web', '--for', '0'], '--for expected a duration as 30m or 2h, found "0"'],
  ])('%j is refused with what to write', async (line, expected) => {
    const place = new Place();
    await serve(place, healthy());
    const {exit, stderr} = await place.ha(line);
    expect(exit).toBe(2);
    expect(stderr).toContain(expected);
  });
});

describe('--dry-run', () => {
  test('asks for the plan and orders nothing', async () => {
    const place = new Place();
    const daemon = await serve(place, healthy(), (_request, exchange) => {
      const text = 'web is STARTED on node1\n  1 stop app#1';
      exchange.reply({kind: 'end', exit: 0, text, data: {plans: []}});
    });
    expect((await place.ha(['switch', 'web', '--dry-run'])).stdout).toMatchInlineSnapshot(`
      "would switch web from node1:
        web is STARTED on node1
          1 stop app#1
      "
    `);
    expect(daemon.requests.map((request) => request.op)).toEqual(['view', 'plan']);
  });

  test('of a part asks for the plan of that part, and only a dry run may have one', async () => {
    const place = new Place();
    const daemon = await serve(place, healthy());
    const part = ['stop', 'web', '--rid', 'app#1,fs', '--downto', 'fs#1'];
    expect((await place.ha([...part, '--dry-run'])).stdout).toContain('would stop web on node1:');
    const select = {rid: 'app#1,fs', tags: null, subset: null, upto: null, downto: 'fs#1'};
    expect(daemon.requests.slice(1)).toMatchObject([
      {op: 'plan', command: {verb: 'freeze-stop', service: 'web'}, select},
    ]);
    const {exit, stderr} = await place.ha(part);
    expect(exit).toBe(2);
    expect(stderr).toContain('a part of a service is planned only');
    expect(daemon.requests.some(({op}) => op === 'command')).toBe(false);
  });

  test('of a dangerous order needs no yes', async () => {
    const place = new Place();
    await serve(place, healthy());
    expect((await place.ha(['takeover', 'web', '--dry-run'])).exit).toBe(0);
  });
});

describe('a dangerous order', () => {
  const dangerous = [
    'takeover web',
    'clear web --confirm-stopped',
    'freeze --all',
    'confirm-dead node2',
    'fence node2',
    'daemon stop',
    'daemon stop --keep=2h',
  ];

  test.each(dangerous)('"ha %s" is refused where nobody can be asked', async (line) => {
    const place = new Place();
    const daemon = await serve(place, healthy());
    const {exit, stderr} = await place.ha(line.split(' '));
    expect(exit).toBe(107);
    expect(stderr).toMatch(/this needs --(?:yes|i-have-checked)\.\n$/);
    expect(orders(daemon)).toEqual([]);
  });

  test.each(dangerous)('"ha %s" asks at a terminal, and only yes means yes', async (line) => {
    const place = new Place();
    const daemon = await serve(place, healthy());
    for (const answer of ['', 'y', 'no', null]) {
      const refused = await place.ha(line.split(' '), {terminal: true, answer});
      expect(refused.exit).toBe(107);
      expect(refused.stderr).toContain('Nothing was done.');
    }
    expect(orders(daemon)).toEqual([]);
    expect((await place.ha(line.split(' '), {terminal: true, answer: ' Yes '})).exit).toBe(0);
    expect(orders(daemon)).toHaveLength(line === 'freeze --all' ? 2 : 1);
  });

  test('announces maintenance for as long as it was told', async () => {
    const place = new Place();
    const daemon = await serve(place, healthy());
    await place.ha(['daemon', 'stop', '--keep', '-y']);
    expect(daemon.requests.at(-1)).toMatchObject({
      command: {verb: 'shutdown', keep: true, keepMs: 600_000},
    });
    expect((await place.ha(['daemon', 'stop', '--keep=3d', '-y'])).exit).toBe(2);
  });
});

describe('names', () => {
  test.each([
    [['stop', 'wb'], 5],
    [['freeze', '--node', 'node9'], 5],
    [['drain', 'node9'], 5],
    [['confirm-dead', 'node9', '--i-have-checked'], 5],
    [['fence', 'node9', '--yes'], 5],
    [['fence', 'node1', '--yes'], 2],
    [['fence', 'node2', '--node', 'node2', '--yes'], 2],
    [['freeze'], 2],
    [['freeze', 'web', '--all'], 2],
    [['drain', 'node1', '--node', 'node2'], 2],
    [['daemon', 'restart'], 2],
  ])('%j ends with %i and orders nothing', async (line, exit) => {
    const place = new Place();
    const daemon = await serve(place, healthy());
    expect((await place.ha(line)).exit).toBe(exit);
    expect(orders(daemon)).toEqual([]);
  });

  test('of a third node are told to every living one', async () => {
    const third = {...peerNode(), name: nodeName('node3')};
    const view = healthy({nodes: [node(), peerNode({state: 'dead'}), third]});
    const place = new Place();
    const daemon = await serve(place, view);
    await place.ha(['confirm-dead', 'node2', '--i-have-checked']);
    expect(orders(daemon)).toEqual(['node1: confirm-dead', 'node3: confirm-dead']);
  });
});

describe('where an order is', () => {
  const where = async (view: StatusView, verb: 'start' | 'drain'): Promise<string | null> => {
    const place = new Place();
    await serve(place, view);
    const {HA_CONF: conf, HA_STATE: state, HA_RUN: run} = place.env;
    const paths = {conf: conf!, state: state!, run: run!, nodeName: null};
    const command =
      verb === 'start'
        ? ({verb, service: serviceName('web')} as const)
        : ({verb, freeze: {by: '', why: '', since: '', untilMs: null, until: null}} as const);
    const world = {wallMs: () => nowMs} as World;
    const step = {node: null, command, title: '', duty: 'needed'} as const;
    return whereIsIt({paths, world}, step);
  };

  test('is told with its step and its budget', async () => {
    expect(await where(starting(), 'start')).toBe('node1 STARTING: start app#2 (2/4) within 60 s');
  });

  test('on another node is told by its state', async () => {
    const view = healthy({
      services: [service('web', {instances: [own('STOPPED'), other('STARTING')]})],
    });
    expect(await where(view, 'start')).toBe('node2 STARTING');
  });

  test('is not told where nothing moves, or where it is about no service', async () => {
    expect(await where(healthy(), 'start')).toBeNull();
    expect(await where(starting(), 'drain')).toBeNull();
  });
});
