/**
 * The examples of docs/commands.md are run: what stands below a `$ ha` line is what it prints.
 * UPDATE=1 writes them again; the difference is then reviewed like any other change.
 */

import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {serviceMachine} from '../../src/fsm/service-machine.ts';
import {unreachable} from '../../src/kernel/assert.ts';
import {reasons} from '../../src/kernel/reasons.ts';
import type {ReasonCode} from '../../src/kernel/reasons.ts';
import type {Command} from '../../src/engine/types.ts';
import type {Request} from '../../src/control/types.ts';
import type {StatusView} from '../../src/status/model.ts';
import {remediesFor} from '../../src/status/remedies.ts';
import {healthy, node, other, own, peerNode, service, takeoverWaiting} from '../status/views.ts';
import {Place, serve} from './cli.ts';
import {writeVerdicts} from './journal.ts';
import type {TaskView} from '../../src/kernel/schedule/types.ts';

const updating = process.env['UPDATE'] === '1';
const pathOf = (name: string): URL => new URL(`../../docs/${name}`, import.meta.url);
const page = (name: string): string => readFileSync(pathOf(name), 'utf8');

/** What the engine answers to each order, in its own words. */
function answerOf(command: Command, at: string): string {
  switch (command.verb) {
    case 'start':
    case 'restart':
    case 'takeover':
      return `${command.service} is STARTED on ${at}`;
    case 'switch':
      return `${command.service} is STARTED on ${command.to ?? 'node2'}`;
    case 'stop':
      return `${command.service} is STOPPED`;
    case 'freeze-stop':
      return `${command.service} is FROZEN_STOP`;
    case 'freeze-start':
      return `${command.service} is FROZEN_START on ${at}`;
    case 'freeze':
    case 'unfreeze': {
      const {scope} = command;
      const what =
        scope.kind === 'service' ? scope.service : scope.kind === 'node' ? at : 'the cluster';
      return `${what} is ${command.verb === 'freeze' ? 'frozen' : 'unfrozen'} on ${at}`;
    }
    case 'clear':
    case 'declare':
    case 'probe':
      return `${command.service} is STOPPED`;
    case 'drain':
      return `${at} is drained`;
    case 'undrain':
      return `${at} takes services again`;
    case 'fence':
      return (
        `${command.node} is off, verified: ` +
        'level 1: fence_ipmilan status: exit code 2 after 41ms: off'
      );
    case 'confirm-dead':
      return `${command.node} counts as dead until it is heard again`;
    case 'shutdown':
      return `${at} says goodbye`;
    default:
      return unreachable(command);
  }
}

const events = [
  {
    at: '2026-11-20T22:11:04.310Z',
    kind: 'verdict',
    cause: {reason: 'clean-leave', detail: 'node2 left with every service stopped'},
    data: {decision: 'take', proof: 'P4'},
  },
  {
    at: '2026-11-20T22:11:05.120Z',
    kind: 'transition',
    cause: {reason: 'start-done', detail: 'app#1 was started and answers'},
    data: {from: 'STARTING', to: 'STARTED'},
  },
].map((record) => ({...record, service: 'web', node: 'node1'}));

/** Wall times are those of whoever looks. */
process.env['TZ'] = 'UTC';
const begunMs = Date.parse('2026-11-20T02:00:00Z');
const tasks: readonly TaskView[] = [
  {
    service: 'web',
    rid: 'task#1',
    schedule: ['02:00-04:00'],
    running: false,
    last: {begunMs, endedMs: begunMs + 84_200, ok: true, detail: 'exit code 0'},
    nextMs: begunMs + 86_400_000,
  },
  {
    service: 'web',
    rid: 'task#2',
    schedule: ['*@1h', '! 12:00-14:00'],
    running: false,
    last: {
      begunMs: begunMs + 600_000,
      endedMs: begunMs + 601_100,
      ok: false,
      detail: '/opt/web/report: exit code 1 after 1.1s, last output "no space left"',
    },
    nextMs: begunMs + 4_200_000,
  },
];

/** Views for lines that show more than a healthy cluster. */
const views: Readonly<Record<string, StatusView>> = {
  'ha schedule': {...healthy(), tasks},
  'ha explain web': takeoverWaiting(),
  'ha start web': healthy({
    services: [service('web', {instances: [own('FROZEN_STOP'), other('FROZEN_STOP')]})],
  }),
  'ha clear web --confirm-stopped --yes': healthy({
    services: [service('web', {instances: [own('STOP_FAILED'), other('STOPPED')]})],
  }),
  'ha confirm-dead node2 --i-have-checked': healthy({
    nodes: [node(), peerNode({state: 'silent'})],
  }),
};

const serviceConf = `[DEFAULT]
nodes = node1 node2

[app#1]
start = /bin/true
stop = /bin/true
check = /bin/true
stop_timeout = 1s
`;

async function output(line: string): Promise<string> {
  const place = new Place();
  if (/^ha (?:check|timeline|config)/.test(line)) {
    await place.ha(['init', '--nodes', 'node1,node2']);
    mkdirSync(place.env['HA_CONF']!, {recursive: true});
    writeFileSync(`${place.env['HA_CONF']!}/web.conf`, serviceConf);
  }
  if (line.startsWith('ha replay')) writeVerdicts(place, [{}, {proof: 'P2'}]);
  await serve(place, views[line] ?? healthy(), (request: Request, exchange) => {
    if (request.op === 'events') {
      for (const record of events) exchange.reply({kind: 'event', record});
    }
    const at = request.node ?? 'node1';
    const ran = '/opt/web/dump: exit code 0 after 1m24s';
    const told = request.op === 'run-task' ? ran : '';
    const text = request.op === 'command' ? answerOf(request.command, at) : told;
    const exit = request.op === 'view' ? 3 : 0;
    const silent = exit === 3 ? `${at} is not reachable` : text;
    exchange.reply({kind: 'end', exit, text: silent, data: null});
  });
  const words = line.match(/"[^"]*"|\S+/g)!.map((word) => word.replaceAll('"', ''));
  const {stdout, stderr} = await place.ha(words.slice(1));
  // How long a simulation takes is the machine's affair.
  return (stdout + stderr)
    .replaceAll('/tmp/ha/conf', '/etc/ha')
    .replaceAll('/tmp/ha/state', '/var/lib/ha')
    .replace(/\([\d.]+ s, \d+ x real time\)/, '(0.2 s, 9800 x real time)');
}

const block = /```console\n\$ (ha .*)\n([^`]*)```/g;

describe('docs/commands.md', () => {
  test('shows what its examples print', async () => {
    let text = page('commands.md');
    for (const [whole, line, shown] of text.matchAll(block)) {
      const printed = await output(line!);
      if (updating) text = text.replace(whole, () => `\`\`\`console\n$ ${line!}\n${printed}\`\`\``);
      else expect(shown, line).toBe(printed);
    }
    if (updating) writeFileSync(pathOf('commands.md'), text);
    expect([...text.matchAll(block)].length).toBeGreaterThan(25);
  });
});

interface Arrow {
  readonly eventType: string;
  readonly guard?: unknown;
  readonly target?: readonly {readonly key: string}[] | undefined;
}

/** `STOPPED` stays, `FOUND_UP` becomes `found-up`: passed in no time. */
function shownState(name: string): string {
  const passing = serviceMachine.states[name as 'STOPPED']?.transitions.size === 0;
  return passing ? name.toLowerCase().replaceAll('_', '-') : name;
}

function arrows(): string {
  return Object.entries(serviceMachine.states)
    .map(([name, state]) => {
      const list = [...[...state.transitions.values()].flat(), ...(state.always ?? [])];
      const lines = (list as readonly Arrow[]).map((arrow) => {
        const guard = typeof arrow.guard === 'string' ? arrow.guard : '';
        const condition = guard === '' ? '' : ` [${guard}]`;
        const to = shownState(arrow.target?.[0]?.key ?? name);
        return `  ${`${arrow.eventType || 'at once'}${condition}`.padEnd(30)} -> ${to}\n`;
      });
      return `${shownState(name)}\n${lines.join('')}`;
    })
    .join('');
}

test('docs/states.md lists the arrows of the machine', () => {
  const text = page('states.md');
  const [, before, after] = /^([^]*```\n)[^]*?(```\n)$/.exec(text)!;
  if (updating) writeFileSync(pathOf('states.md'), `${before!}${arrows()}${after!}`);
  else expect(text).toBe(`${before!}${arrows()}${after!}`);
});

test('docs/reasons.md lists the commands that leave each reason', () => {
  const rows = [...page('reasons.md').matchAll(/^\| `([a-z-]+)` \| .+? \| (.*) ?\|$/gm)];
  const expected = Object.keys(reasons).map((reason) => {
    const context = {service: 'SVC', node: 'NODE', peer: 'NODE'};
    const commands = remediesFor(reason as ReasonCode, context);
    return [reason, commands.map((command) => `\`${command}\``).join(', ')];
  });
  expect(rows.map(([, reason, commands]) => [reason, commands!.trim()])).toEqual(expected);
});
