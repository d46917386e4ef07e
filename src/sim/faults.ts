/**
 * The kinds of faults and orders that the swarm draws from; each gives its actions with their end.
 */

import type {Chance} from '../kernel/chance.ts';
import {forgeryKinds} from './actions.ts';
import type {Action} from './actions.ts';
import type {TimedAction} from './schedule.ts';
import type {ClusterShape, ServiceShape} from './shape.ts';

/** What a fault is drawn from. */
export interface Draw {
  readonly chance: Chance;
  readonly shape: ClusterShape;
  readonly nodes: readonly string[];
  readonly atMs: number;
  readonly deadMs: number;
}

export type FaultKind = (draw: Draw) => readonly TimedAction[];

/** An action, and what takes it back after a time. */
function during(draw: Draw, forMs: number, pair: readonly [Action, Action]): TimedAction[] {
  return [
    {atMs: draw.atMs, action: pair[0]},
    {atMs: draw.atMs + forMs, action: pair[1]},
  ];
}

/** Short against every time-out, about as long as one, and much longer. */
function someTime({chance, deadMs}: Draw): number {
  return Math.round(
    deadMs * chance.pick([0.1, 0.5, 1, 1.2, 2, 3, 6, 12]) * (1 + chance.fraction()),
  );
}

function serviceOf({chance, shape}: Draw): ServiceShape {
  return chance.pick(shape.services);
}

const crash: FaultKind = (draw) => {
  const node = draw.chance.pick(draw.nodes);
  const forMs = someTime(draw) + 1_000;
  const actions = during(draw, forMs, [
    {verb: 'crash', node},
    {verb: 'boot', node},
  ]);
  const other = draw.nodes.find((one) => one !== node);
  if (other === undefined || !draw.chance.percent(30)) return actions;
  const atMs = draw.atMs + draw.chance.between(0, forMs);
  return [...actions, {atMs, action: {verb: 'ha', node: other, command: `confirm-dead ${node}`}}];
};

const crashAll: FaultKind = (draw) =>
  draw.nodes.flatMap((node) =>
    during(draw, 1_000 + draw.chance.between(0, 30_000), [
      {verb: 'crash', node},
      {verb: 'boot', node},
    ]),
  );

const killDaemon: FaultKind = (draw) => {
  const node = draw.chance.pick(draw.nodes);
  const forMs = draw.chance.percent(40) ? draw.chance.between(0, 500) : someTime(draw);
  return during(draw, forMs, [
    {verb: 'kill-daemon', node},
    {verb: 'start-daemon', node},
  ]);
};

const pause: FaultKind = (draw) => {
  const node = draw.chance.pick(draw.nodes);
  return during(draw, someTime(draw), [
    {verb: 'pause', node},
    {verb: 'resume', node},
  ]);
};

/** The machine under all of them stood still. */
const pauseAll: FaultKind = (draw) => {
  const forMs = someTime(draw);
  return draw.nodes.flatMap((node) =>
    during({...draw, atMs: draw.atMs + draw.chance.between(0, 5)}, forMs, [
      {verb: 'pause', node},
      {verb: 'resume', node},
    ]),
  );
};

const cutLink: FaultKind = (draw) => {
  const link = `hb#${draw.chance.between(1, draw.shape.links)}`;
  const [from, to] = direction(draw);
  return during(draw, someTime(draw), [
    {verb: 'cut', link, from, to},
    {verb: 'heal', link, from, to},
  ]);
};

const cutAllLinks: FaultKind = (draw) => {
  const [from, to] = direction(draw);
  return during(draw, someTime(draw), [
    {verb: 'cut', link: '*', from, to},
    {verb: 'heal', link: '*', from, to},
  ]);
};

/** Both ways, or one way only; between two nodes or all. */
function direction({chance, nodes}: Draw): readonly [string, string] {
  if (chance.percent(50)) return ['*', '*'];
  return [chance.pick(nodes), '*'];
}

/** Links and disks at once. */
const isolate: FaultKind = (draw) => {
  const node = draw.chance.pick(draw.nodes);
  const forMs = someTime(draw);
  const mode = draw.chance.pick(['hang', 'eio'] as const);
  const path = {verb: 'disk', node, disk: '*'} as const;
  return [
    ...during(draw, forMs, [
      {verb: 'cut', link: '*', from: node, to: '*'},
      {verb: 'heal', link: '*', from: node, to: '*'},
    ]),
    ...during(draw, forMs, [
      {verb: 'cut', link: '*', from: '*', to: node},
      {verb: 'heal', link: '*', from: '*', to: node},
    ]),
    ...during({...draw, atMs: draw.atMs + draw.chance.between(-2_000, 2_000)}, forMs, [
      {...path, mode},
      {...path, mode: 'ok'},
    ]),
  ];
};

const weather: FaultKind = (draw) => {
  const {chance, shape} = draw;
  const link = chance.percent(50) ? '*' : `hb#${chance.between(1, shape.links)}`;
  const bad: Action = {
    verb: 'weather',
    link,
    lossPercent: chance.pick([0, 5, 30, 70]),
    duplicatePercent: chance.pick([0, 10, 50]),
    delayMs: chance.pick([0, 5, 40]),
    jitterMs: chance.pick([0, 20, 200, 2_000]),
  };
  const good: Action = {
    verb: 'weather',
    link,
    lossPercent: 0,
    duplicatePercent: 0,
    delayMs: 0,
    jitterMs: 0,
  };
  return during(draw, someTime(draw) * 2, [bad, good]);
};

const unplug: FaultKind = (draw) => {
  const node = draw.chance.pick(draw.nodes);
  const link = draw.chance.percent(50) ? '*' : 'hb#1';
  return during(draw, someTime(draw), [
    {verb: 'unplug', node, link},
    {verb: 'plug', node, link},
  ]);
};

const disk: FaultKind = (draw) => {
  const node = draw.chance.pick(draw.nodes);
  const path = {verb: 'disk', node, disk: '*'} as const;
  const mode = draw.chance.pick(['slow', 'hang', 'eio', 'tear'] as const);
  return during(draw, someTime(draw) * 2, [
    {...path, mode},
    {...path, mode: 'ok'},
  ]);
};

const rollback: FaultKind = (draw) => [
  {
    atMs: draw.atMs,
    action: {verb: 'rollback', disk: '*', ageMs: draw.chance.between(1_000, 60_000)},
  },
];

const storage: FaultKind = (draw) => {
  const node = draw.chance.pick(draw.nodes);
  const mode = draw.chance.pick(['full', 'slow'] as const);
  return during(draw, someTime(draw) * 2, [
    {verb: 'storage', node, mode},
    {verb: 'storage', node, mode: 'ok'},
  ]);
};

/** What cannot be asked must not lie: nobody could tell. */
const script: FaultKind = (draw) => {
  const {name: service, probe} = serviceOf(draw);
  const node = draw.chance.pick(draw.nodes);
  const action = draw.chance.pick(['start', 'stop'] as const);
  const honest = ['slow', 'fail', 'hang', 'stuck'] as const;
  const mode = draw.chance.pick(probe ? ([...honest, 'half', 'lie'] as const) : honest);
  const whole = {verb: 'script', node, service, action} as const;
  return during(draw, someTime(draw) * 3, [
    {...whole, mode: action === 'start' && draw.chance.percent(10) ? 'refuse' : mode},
    {...whole, mode: 'ok'},
  ]);
};

const probeAnswers: FaultKind = (draw) => {
  const {name: service} = serviceOf(draw);
  const node = draw.chance.pick(draw.nodes);
  const whole = {verb: 'probe-answers', node, service} as const;
  return during(draw, someTime(draw), [
    {...whole, mode: draw.chance.pick(['unknown', 'hang'] as const)},
    {...whole, mode: 'ok'},
  ]);
};

const die: FaultKind = (draw) => {
  const service = draw.shape.services.find((one) => one.probe && one.monitorMs > 0);
  if (service === undefined) return [];
  const node = draw.chance.pick(draw.nodes);
  return [{atMs: draw.atMs, action: {verb: 'die', node, service: service.name}}];
};

const inject: FaultKind = (draw) =>
  Array.from({length: draw.chance.between(1, 30)}, () => ({
    atMs: draw.atMs + draw.chance.between(0, 10_000),
    action: {
      verb: 'inject',
      kind: draw.chance.pick(forgeryKinds),
      node: draw.chance.pick(draw.nodes),
    },
  }));

const skew: FaultKind = (draw) => {
  const node = draw.chance.pick(draw.nodes);
  return during(draw, someTime(draw), [
    {verb: 'skew', node},
    {verb: 'unskew', node},
  ]);
};

const order: FaultKind = (draw) => {
  const {chance} = draw;
  const node = chance.pick(draw.nodes);
  const {name} = serviceOf(draw);
  const to = chance.pick(draw.nodes);
  const command = chance.pick([
    `switch ${name}`,
    `switch ${name} --to ${to}`,
    `switch ${name}`,
    `stop ${name}`,
    `start ${name}`,
    `restart ${name}`,
    `takeover ${name}`,
    `clear ${name}`,
    `clear ${name} --confirm-stopped`,
    `probe ${name}`,
  ]);
  return [{atMs: draw.atMs, action: {verb: 'ha', node, command}}];
};

const freeze: FaultKind = (draw) => {
  const {chance} = draw;
  const node = chance.pick(draw.nodes);
  const {name} = serviceOf(draw);
  const [on, off] = chance.pick([
    [`freeze ${name}`, `unfreeze ${name}`],
    [`freeze-stop ${name}`, `unfreeze ${name}`],
    [`freeze-start ${name}`, `unfreeze ${name}`],
    ['freeze --node', 'unfreeze --node'],
    ['freeze --all', 'unfreeze --all'],
    ['drain', 'undrain'],
  ] as const);
  return during(draw, someTime(draw) * 2, [
    {verb: 'ha', node, command: on},
    {verb: 'ha', node, command: off},
  ]);
};

const shutdown: FaultKind = (draw) => {
  const node = draw.chance.pick(draw.nodes);
  const command = draw.chance.percent(70) ? 'shutdown' : 'shutdown --keep';
  return during(draw, 2_000 + someTime(draw), [
    {verb: 'ha', node, command},
    {verb: 'start-daemon', node},
  ]);
};

/** One node, or all, reach etcd badly or not at all. */
const etcdPath: FaultKind = (draw) => {
  const node = draw.chance.percent(70) ? draw.chance.pick(draw.nodes) : '*';
  const mode = draw.chance.pick(['slow', 'lossy', 'hang'] as const);
  return during(draw, someTime(draw) * 2, [
    {verb: 'etcd', node, mode},
    {verb: 'etcd', node, mode: 'ok'},
  ]);
};

const etcdMembers: FaultKind = (draw) =>
  draw.chance.percent(30)
    ? [{atMs: draw.atMs, action: {verb: 'etcd-members', state: 'new-leader'}}]
    : during(draw, someTime(draw), [
        {verb: 'etcd-members', state: 'minority'},
        {verb: 'etcd-members', state: 'majority'},
      ]);

/** Off the links and off etcd at once, for long enough that a right to run ends. */
const etcdIsolate: FaultKind = (draw) => {
  const node = draw.chance.pick(draw.nodes);
  const forMs = someTime(draw) + draw.chance.between(0, 40_000);
  const shiftMs = draw.chance.between(-4_000, 4_000);
  const ways: readonly (readonly [string, string])[] = [
    [node, '*'],
    ['*', node],
  ];
  return [
    ...ways.flatMap(([from, to]) =>
      during(draw, forMs, [
        {verb: 'cut', link: '*', from, to},
        {verb: 'heal', link: '*', from, to},
      ]),
    ),
    ...during({...draw, atMs: draw.atMs + shiftMs}, forMs + draw.chance.between(-3_000, 3_000), [
      {verb: 'etcd', node, mode: draw.chance.pick(['hang', 'hang', 'lossy'] as const)},
      {verb: 'etcd', node, mode: 'ok'},
    ]),
  ];
};

/** Drawn only where there is an etcd: the seeds of other clusters stay what they were. */
export const etcdFaultKinds: readonly FaultKind[] = [etcdPath, etcdMembers, etcdIsolate];

/** A power switch is slow, gone, refuses, hangs on its node, or lies. */
const bmc: FaultKind = (draw) => {
  const node = draw.chance.percent(60) ? draw.chance.pick(draw.nodes) : '*';
  const bad = ['slow', 'slow', 'hang', 'hang', 'refuse', 'fed', 'inband', 'lie'] as const;
  return during(draw, someTime(draw) * 4, [
    {verb: 'bmc', node, mode: draw.chance.pick(bad)},
    {verb: 'bmc', node, mode: 'ok'},
  ]);
};

const pingLost: FaultKind = (draw) => {
  const node = draw.chance.pick(draw.nodes);
  return during(draw, someTime(draw) * 2, [
    {verb: 'ping', node, mode: 'none'},
    {verb: 'ping', node, mode: 'ok'},
  ]);
};

/** All lose each other while something changes: who fires first is decided on old news. */
const duel: FaultKind = (draw) => {
  const {chance} = draw;
  const {name} = serviceOf(draw);
  const node = chance.pick(draw.nodes);
  const command = chance.pick([`stop ${name}`, `start ${name}`, `switch ${name}`]);
  const atMs = draw.atMs + chance.between(-700, 700);
  return [
    {atMs, action: {verb: 'ha', node, command}},
    ...during(draw, 20_000 + someTime(draw), [
      {verb: 'cut', link: '*', from: '*', to: '*'},
      {verb: 'heal', link: '*', from: '*', to: '*'},
    ]),
  ];
};

/** Drawn only where the nodes can switch each other off. */
export const fenceFaultKinds: readonly FaultKind[] = [bmc, pingLost, duel];

export const faultKinds: readonly FaultKind[] = [
  crash,
  crashAll,
  killDaemon,
  pause,
  pauseAll,
  cutLink,
  cutAllLinks,
  isolate,
  weather,
  unplug,
  disk,
  rollback,
  storage,
  script,
  probeAnswers,
  die,
  inject,
  skew,
  order,
  freeze,
  shutdown,
];
