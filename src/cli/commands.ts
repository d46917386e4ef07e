/**
 * The command table: parsing, help, completion and docs/commands.md are all made from it. What a
 * command does is loaded only when it is called.
 */

import type {OptionName} from './options.ts';
import type {Verb} from './invocation.ts';

/** What stands in an operand's place; completion asks the daemon for the first two. */
export type Operand = 'SVC' | 'NODE' | 'COMMAND' | 'SHELL' | 'ACTION' | 'FILE' | 'TASK';

export interface CommandSpec {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly group: (typeof groups)[number];
  /** One line, at most 54 characters, as it stands in the overview of the help. */
  readonly summary: string;
  readonly operands: readonly Operand[];
  /** How many of the operands must be there; the rest may be left out. */
  readonly needed: number;
  readonly options: readonly OptionName[];
  /** Command line and what it does, most useful first. */
  readonly examples: readonly (readonly [string, string])[];
  readonly load: () => Promise<Verb>;
}

export const groups = ['Look', 'Act', 'Maintain', 'Set up'] as const;

const base = ['conf', 'state', 'run', 'nodename', 'help'] as const;
const look = [...base, 'json', 'node'] as const;
const order = [...base, 'json', 'node', 'wait', 'no-wait', 'dry-run'] as const;
const freezing = [...order, 'for', 'why'] as const;

const change =
  (name: 'start' | 'stop' | 'restart' | 'switchOver' | 'takeover' | 'clear') =>
  async (): Promise<Verb> =>
    (await import('./verbs/change.ts'))[name];
const maintain =
  (name: 'freeze' | 'unfreeze' | 'freezeStop' | 'freezeStart') => async (): Promise<Verb> =>
    (await import('./verbs/freeze.ts'))[name];
const nodes = (name: 'drain' | 'undrain' | 'confirmDead' | 'fence') => async (): Promise<Verb> =>
  (await import('./verbs/node.ts'))[name];
const journal = (name: 'events' | 'history') => async (): Promise<Verb> =>
  (await import('./verbs/events.ts'))[name];

export const commands: readonly CommandSpec[] = [
  {
    name: 'status',
    aliases: ['st'],
    group: 'Look',
    summary: 'the cluster at a glance; with SVC, its tree',
    operands: ['SVC'],
    needed: 0,
    options: [...look, 'compact', 'check', 'all'],
    examples: [
      ['ha status', 'may I go home?'],
      ['ha status web', 'the tree of one service'],
      ['ha status --json', 'the same for programs'],
      ['ha status --check', 'one line and exit code for Nagios'],
    ],
    load: async () => (await import('./verbs/status.ts')).status,
  },
  {
    name: 'monitor',
    aliases: ['mon'],
    group: 'Look',
    summary: 'the same, live; q ends it',
    operands: [],
    needed: 0,
    options: [...base, 'node', 'all'],
    examples: [['ha monitor', 'watch the cluster']],
    load: async () => (await import('./verbs/monitor.ts')).monitor,
  },
  {
    name: 'hb',
    aliases: ['links'],
    group: 'Look',
    summary: 'heartbeat links, both directions, per peer',
    operands: [],
    needed: 0,
    options: look,
    examples: [
      ['ha hb', 'which cable is it?'],
      ['ha hb -s', "OpenHA's form (-a and -r edit its monitor file)"],
    ],
    load: async () => (await import('./verbs/hb.ts')).hb,
  },
  {
    name: 'explain',
    aliases: ['why'],
    group: 'Look',
    summary: 'why a service is where it is, and what would change it',
    operands: ['SVC'],
    needed: 1,
    options: look,
    examples: [['ha explain web', 'state, reason, clauses and ages, per node']],
    load: async () => (await import('./verbs/explain.ts')).explain,
  },
  {
    name: 'events',
    group: 'Look',
    summary: 'the journal, newest last',
    operands: [],
    needed: 0,
    options: [...look, 'follow', 'limit', 'service'],
    examples: [
      ['ha events -f', 'go on as things happen'],
      ['ha events --service web --limit 20', 'the last 20 of one service'],
    ],
    load: journal('events'),
  },
  {
    name: 'history',
    group: 'Look',
    summary: 'what happened to a service',
    operands: ['SVC'],
    needed: 1,
    options: [...look, 'limit'],
    examples: [['ha history web', 'its states, orders and verdicts']],
    load: journal('history'),
  },
  {
    name: 'schedule',
    group: 'Look',
    summary: 'tasks: when they ran last, when they are due',
    operands: ['SVC'],
    needed: 0,
    options: look,
    examples: [
      ['ha schedule', 'of all services'],
      ['ha schedule web', 'of one'],
    ],
    load: async () => (await import('./verbs/schedule.ts')).schedule,
  },
  {
    name: 'metrics',
    group: 'Look',
    summary: 'the view as Prometheus text',
    operands: [],
    needed: 0,
    options: [...base, 'node'],
    examples: [['ha metrics', 'for a text file collector']],
    load: async () => (await import('./verbs/metrics.ts')).metrics,
  },
  {
    name: 'start',
    group: 'Act',
    summary: 'unfreeze on all its nodes, start on the best one',
    operands: ['SVC'],
    needed: 1,
    options: [...order, 'rid', 'tags', 'subset', 'upto'],
    examples: [
      ['ha start web', 'on the node that is placed best'],
      ['ha start web --node node2', 'on this one'],
      ['ha start web --upto fs --dry-run', 'what would be called for a part of it'],
    ],
    load: change('start'),
  },
  {
    name: 'stop',
    group: 'Act',
    summary: 'stop, and freeze on all its nodes so that it stays so',
    operands: ['SVC'],
    needed: 1,
    options: [...order, 'why', 'rid', 'tags', 'subset', 'downto'],
    examples: [
      ['ha stop web', 'ha start web brings it back'],
      ['ha stop web --node node1', 'only there: another node takes it over'],
    ],
    load: change('stop'),
  },
  {
    name: 'restart',
    group: 'Act',
    summary: 'stop and start where it runs',
    operands: ['SVC'],
    needed: 1,
    options: order,
    examples: [['ha restart web', 'no other node takes it meanwhile']],
    load: change('restart'),
  },
  {
    name: 'switch',
    aliases: ['relocate'],
    group: 'Act',
    summary: 'planned move: stop here, confirmed, start there',
    operands: ['SVC'],
    needed: 1,
    options: [...order, 'to'],
    examples: [
      ['ha switch web', 'to the node that is placed best'],
      ['ha switch web --to node2', 'to this one'],
    ],
    load: change('switchOver'),
  },
  {
    name: 'run',
    group: 'Act',
    summary: 'run a task now, where its service runs',
    operands: ['SVC', 'TASK'],
    needed: 2,
    options: [...base, 'node'],
    examples: [['ha run web task#1', 'waits for its end; it counts as a run']],
    load: async () => (await import('./verbs/schedule.ts')).run,
  },
  {
    name: 'takeover',
    group: 'Act',
    summary: 'unplanned: start here on the proof there is',
    operands: ['SVC'],
    needed: 1,
    options: [...order, 'yes'],
    examples: [['ha takeover web', 'refused (106) where the proof is too weak']],
    load: change('takeover'),
  },
  {
    name: 'clear',
    group: 'Act',
    summary: 'forget a failure, once its cause is mended',
    operands: ['SVC'],
    needed: 1,
    options: [...order, 'confirm-stopped', 'yes'],
    examples: [
      ['ha clear web', 'after START_FAILED'],
      ['ha clear web --confirm-stopped', 'after STOP_FAILED: nothing of it runs'],
    ],
    load: change('clear'),
  },
  {
    name: 'freeze',
    group: 'Maintain',
    summary: 'hands off: SVC, a node or everything stays as it is',
    operands: ['SVC'],
    needed: 0,
    options: [...freezing, 'all', 'yes'],
    examples: [
      ['ha freeze web --for 2h --why "new disk"', 'on all nodes of web'],
      ['ha freeze --node node2', 'the node and all on it'],
      ['ha freeze --all', 'the whole cluster'],
    ],
    load: maintain('freeze'),
  },
  {
    name: 'unfreeze',
    aliases: ['thaw'],
    group: 'Maintain',
    summary: 'lift a freeze',
    operands: ['SVC'],
    needed: 0,
    options: [...order, 'all'],
    examples: [
      ['ha unfreeze web', 'on all nodes of web'],
      ['ha unfreeze --all', 'the whole cluster'],
    ],
    load: maintain('unfreeze'),
  },
  {
    name: 'freeze-stop',
    group: 'Maintain',
    summary: 'stop on one node and freeze it there',
    operands: ['SVC'],
    needed: 1,
    options: freezing,
    examples: [['ha freeze-stop web --node node1', 'another node may take it over']],
    load: maintain('freezeStop'),
  },
  {
    name: 'freeze-start',
    group: 'Maintain',
    summary: 'start on one node and freeze it there',
    operands: ['SVC'],
    needed: 1,
    options: freezing,
    examples: [['ha freeze-start web', 'it runs, and no decision is taken any more']],
    load: maintain('freezeStart'),
  },
  {
    name: 'drain',
    group: 'Maintain',
    summary: 'move all services off a node; it takes no more',
    operands: ['NODE'],
    needed: 0,
    options: freezing,
    examples: [['ha drain node1 --why "kernel update"', 'then: ha undrain node1']],
    load: nodes('drain'),
  },
  {
    name: 'undrain',
    group: 'Maintain',
    summary: 'let the node take services again',
    operands: ['NODE'],
    needed: 0,
    options: order,
    examples: [['ha undrain node1', 'nothing moves back by itself']],
    load: nodes('undrain'),
  },
  {
    name: 'confirm-dead',
    group: 'Maintain',
    summary: 'you are the proof that a silent node is off',
    operands: ['NODE'],
    needed: 1,
    options: [...base, 'json', 'node', 'dry-run', 'i-have-checked'],
    examples: [['ha confirm-dead node1 --i-have-checked', 'power is off, seen with your eyes']],
    load: nodes('confirmDead'),
  },
  {
    name: 'fence',
    group: 'Maintain',
    summary: 'switch another node off, verified, now',
    operands: ['NODE'],
    needed: 1,
    options: [...order, 'yes'],
    examples: [
      ['ha fence node2 --yes', 'by [fence#node2] of cluster.conf'],
      ['ha fence node2 --dry-run', 'what would be called'],
    ],
    load: nodes('fence'),
  },
  {
    name: 'daemon',
    group: 'Maintain',
    summary: 'run it in the foreground; daemon stop ends it',
    operands: ['ACTION'],
    needed: 0,
    options: [...base, 'json', 'node', 'wait', 'no-wait', 'keep', 'yes', 'log-level'],
    examples: [
      ['ha daemon', 'in the foreground, as a unit file does'],
      ['ha daemon stop', 'stop its services, say goodbye, end'],
      ['ha daemon stop --keep', 'leave them running, for an upgrade'],
      ['ha daemon reload', 'read the configuration again'],
    ],
    load: async () => (await import('./verbs/daemon.ts')).daemon,
  },
  {
    name: 'init',
    group: 'Set up',
    summary: 'make secret.key and a commented cluster.conf',
    operands: [],
    needed: 0,
    options: [...base, 'nodes'],
    examples: [['ha init --nodes node1,node2', 'never overwrites a file']],
    load: async () => (await import('./verbs/init.ts')).init,
  },
  {
    name: 'check',
    group: 'Set up',
    summary: 'validate and grade the configuration',
    operands: [],
    needed: 0,
    options: [...base, 'json', 'all'],
    examples: [
      ['ha check', 'each finding with its line and what to write'],
      ['ha check --all', 'each rule of time in numbers, with its slack'],
    ],
    load: async () => (await import('./verbs/check.ts')).check,
  },
  {
    name: 'timeline',
    group: 'Set up',
    summary: 'the worst case of this configuration, in seconds',
    operands: ['SVC'],
    needed: 0,
    options: [...base, 'json', 'all'],
    examples: [
      ['ha timeline', 'from a death to the start; what each fault does'],
      ['ha timeline web', 'who notices when, which proof comes, what starts'],
      ['ha timeline web --all', 'every fault step by step'],
    ],
    load: async () => (await import('./verbs/timeline.ts')).timeline,
  },
  {
    name: 'config',
    group: 'Set up',
    summary: 'look into service files, and change them safely',
    operands: ['ACTION', 'SVC'],
    needed: 1,
    options: [...base, 'json', 'kw', 'eval', 'impersonate', 'dry-run'],
    examples: [
      ['ha config print', 'all files merged, defaults filled in'],
      ['ha config print web --eval', 'as this node reads web.conf'],
      ['ha config get web --kw app#1.start', 'one value, as written'],
      ['ha config set web --kw env.port=8080', 'refused where it would break'],
      ['ha config unset web --kw env.port', 'the other lines stay as they are'],
      ['ha config edit web', 'with $EDITOR, checked before it counts'],
      ['ha config validate web', 'each finding with its line'],
    ],
    load: async () => (await import('./verbs/config.ts')).config,
  },
  {
    name: 'demo',
    group: 'Set up',
    summary: 'a cluster of two nodes on this machine',
    operands: [],
    needed: 0,
    options: ['help', 'once', 'launcher'],
    examples: [
      ['ha demo', 'plays a takeover, then leaves it to you'],
      ['ha demo --once', 'ends with 0 only if the story came true'],
    ],
    load: async () => (await import('./demo/demo.ts')).demo,
  },
  {
    name: 'completion',
    group: 'Set up',
    summary: 'completion script for bash, zsh or fish',
    operands: ['SHELL'],
    needed: 1,
    options: ['help'],
    examples: [['source <(ha completion bash)', 'in ~/.bashrc']],
    load: async () => (await import('./verbs/completion.ts')).completion,
  },
  {
    name: 'help',
    group: 'Set up',
    summary: 'this page, or the page of a command',
    operands: ['COMMAND'],
    needed: 0,
    options: [...base],
    examples: [['ha help switch', 'examples and options of ha switch']],
    load: async () => (await import('./verbs/help.ts')).help,
  },
  {
    name: 'simulate',
    group: 'Set up',
    summary: 'faults in memory: on this configuration, or by chance',
    operands: ['FILE'],
    needed: 0,
    options: [
      ...base,
      ...(['json', 'kill', 'power-off', 'pause', 'cut', 'disk-fail', 'arbiter-fail'] as const),
      ...(['stop-fail', 'start-fail', 'during'] as const),
      ...(['seeds', 'from', 'nodes', 'dense', 'save'] as const),
    ],
    examples: [
      ['ha simulate --power-off node1', 'what becomes of the services of this configuration'],
      ['ha simulate --cut all --pause node2=30s@1m', 'two faults, the second after a minute'],
      ['ha simulate --seeds 1000', 'a thousand clusters, ten virtual minutes each'],
      ['ha simulate --dense --seeds 1000', 'the same with three times the faults'],
      ['ha simulate --from 7 --seeds 1', 'one of them again'],
      ['ha simulate --save seed.txt', 'a seed that fails becomes a scenario'],
      ['ha simulate night.txt', 'a scenario of your own, and what the nodes would do'],
    ],
    load: async () => (await import('./verbs/simulate.ts')).simulate,
  },
  {
    name: 'replay',
    group: 'Set up',
    summary: 'recorded verdicts, decided again by this version',
    operands: ['FILE'],
    needed: 0,
    options: [...base, 'json', 'all', 'limit', 'service'],
    examples: [
      ['ha replay', "this node's own journal"],
      ['ha replay /root/incident/journal --all', 'a copy, with what was known then'],
    ],
    load: async () => (await import('./verbs/replay.ts')).replay,
  },
  {
    name: 'version',
    group: 'Set up',
    summary: 'versions of the client and of the daemon',
    operands: [],
    needed: 0,
    options: [...base, 'json'],
    examples: [['ha version', 'the daemon may be older until it is restarted']],
    load: async () => (await import('./verbs/version.ts')).version,
  },
];

export function findCommand(name: string): CommandSpec | undefined {
  return commands.find((spec) => spec.name === name || spec.aliases?.includes(name) === true);
}
