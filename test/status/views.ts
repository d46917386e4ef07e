/** Hand-made views for the rendering tests: a healthy pair, and the ways in which it goes wrong. */

import type {
  InstanceView,
  LocalInstanceView,
  MediumPeerView,
  MediumView,
  NodeView,
  ServiceView,
} from '../../src/engine/view.ts';
import {diskId, linkId, nodeName, resourceId, serviceName} from '../../src/kernel/ids.ts';
import type {ReasonCode} from '../../src/kernel/reasons.ts';
import type {Cause, ServiceState} from '../../src/kernel/words.ts';
import type {Stale, StatusView} from '../../src/status/model.ts';

export const node1 = nodeName('node1');
export const node2 = nodeName('node2');

export const cause = (reason: ReasonCode, detail = ''): Cause => ({reason, detail});

export const stale: Stale = {
  ageMs: 252_000,
  why: 'No daemon listens on /run/ha/control.sock.',
  commands: ['systemctl start ha'],
};

export function peerLink(change: Partial<MediumPeerView> = {}): MediumPeerView {
  return {node: node2, rx: 'up', tx: 'up', state: 'up', ageMs: 400, deadMs: 5_000, ...change};
}

export function multicast(change: Partial<MediumView> = {}): MediumView {
  return {
    id: linkId('hb#1'),
    kind: 'multicast',
    label: 'eth0:239.131.50.10:1234',
    fault: null,
    sentAgeMs: 210,
    peers: [peerLink()],
    ...change,
  };
}

function unicast(change: Partial<MediumView> = {}): MediumView {
  return {
    ...multicast({id: linkId('hb#2'), kind: 'unicast', label: 'eth1:10.0.0.1:10000'}),
    ...change,
  };
}

export function disk(change: Partial<MediumView> = {}): MediumView {
  return {
    id: diskId('hb#3'),
    kind: 'disk',
    label: '/dev/mapper/14f504e46494c45526967724d32682d553243692d4f336a4c:0',
    fault: null,
    sentAgeMs: 640,
    peers: [peerLink({ageMs: 900, deadMs: 10_000})],
    ...change,
  };
}

export function node(change: Partial<NodeView> = {}): NodeView {
  return {
    name: node1,
    local: true,
    state: 'alive',
    stateAgeMs: 3_600_000,
    heardAgeMs: 0,
    incarnation: 7,
    frozen: false,
    drained: false,
    leaving: false,
    keeping: false,
    configSkew: false,
    decisionAgeMs: 12,
    address: null,
    peerPort: 0,
    ...change,
  };
}

export function peerNode(change: Partial<NodeView> = {}): NodeView {
  return node({
    name: node2,
    local: false,
    heardAgeMs: 400,
    incarnation: 4,
    address: '192.168.100.12',
    peerPort: 10_001,
    ...change,
  });
}

export function local(change: Partial<LocalInstanceView> = {}): LocalInstanceView {
  return {
    cause: cause('start-done', 'app#1 was started and answers'),
    waiting: null,
    waitMs: null,
    verdicts: [],
    freeze: null,
    probe: {
      state: 'up',
      partial: false,
      verifiable: true,
      resources: [
        {rid: resourceId('app#1'), state: 'up', verifiable: true, detail: 'check exited 0'},
      ],
    },
    probeAgeMs: 2_300,
    verified: true,
    progress: null,
    planAgeMs: null,
    planBudgetMs: null,
    ...change,
  };
}

export interface InstanceChange extends Partial<Omit<InstanceView, 'state'>> {
  readonly state?: ServiceState;
}

export function own(state: ServiceState, change: InstanceChange = {}): InstanceView {
  const running = state === 'STARTED' || state === 'FROZEN_START';
  const downProbe = {
    state: 'down' as const,
    partial: false,
    verifiable: true,
    resources: [
      {
        rid: resourceId('app#1'),
        state: 'down' as const,
        verifiable: true,
        detail: 'check exited 1',
      },
    ],
  };
  return {
    node: node1,
    state,
    stateAgeMs: 720_000,
    epoch: 3,
    owner: running,
    local: running
      ? local()
      : local({cause: cause('found-stopped', 'every resource was probed down'), probe: downProbe}),
    ...change,
  };
}

export function other(state: ServiceState, change: InstanceChange = {}): InstanceView {
  return {node: node2, state, stateAgeMs: 720_000, epoch: 3, owner: false, local: null, ...change};
}

export function service(name: string, change: Partial<ServiceView> = {}): ServiceView {
  const instances = change.instances ?? [own('STARTED'), other('STOPPED')];
  const up = instances.find((instance) => ['STARTED', 'FROZEN_START'].includes(instance.state));
  return {
    name: serviceName(name),
    serviceClass: 'exclusive',
    orchestrate: 'ha',
    nodes: [node1, node2],
    owner: up?.node ?? null,
    epoch: 3,
    frozen: false,
    avail: up === undefined ? 'down' : 'up',
    instances,
    ...change,
  };
}

export function healthy(change: Partial<StatusView> = {}): StatusView {
  return {
    cluster: 'blue',
    node: node1,
    nowMs: 3_700_000,
    incarnation: 7,
    configDigest: '6f1a7b20c4d8e913',
    takeover: {possible: true, source: 'disk lease', proof: 'P2', worstMs: 18_600},
    nodes: [node(), peerNode()],
    media: [multicast(), unicast(), disk()],
    services: [service('web'), service('db')],
    alarms: [],
    drops: {'bad-tag': 0, 'replayed': 2},
    stalls: {count: 0, lastAgeMs: null, worstMs: 0},
    clusterFrozen: null,
    nodeFrozen: null,
    joining: false,
    at: '2026-11-20T22:11:17.120Z',
    version: '0.1.0',
    pid: 4211,
    startedAt: '2026-11-20T21:09:37.120Z',
    grade: 'C',
    loopLag: {p99Ms: 1.2, maxMs: 4},
    configDirectory: '/etc/ha',
    mediaPids: {'hb#1': 4211, 'hb#2': 4211, 'hb#3': 4218},
    ...change,
  };
}

const silentLink = (ageMs: number, deadMs = 5_000): MediumPeerView =>
  peerLink({rx: 'down', tx: 'unknown', state: 'down', ageMs, deadMs});

const jeopardyAlarm = {
  code: 'JEOPARDY',
  severity: 'critical',
  text: 'one of 3 links to node2 is left',
  remedies: ['ha hb'],
  ageMs: 240_000,
} as const;

/** Both networks are gone, the disk still carries beats. */
export function jeopardy(): StatusView {
  return healthy({
    nodes: [node(), peerNode({state: 'degraded', stateAgeMs: 240_000})],
    media: [
      multicast({peers: [peerLink({rx: 'down', tx: 'down', state: 'down', ageMs: 244_000})]}),
      unicast({fault: 'eth1 has no carrier', peers: [silentLink(244_000)]}),
      disk(),
    ],
    alarms: [jeopardyAlarm],
  });
}

/** node2 ran web and fell silent; node1 waits for the proof. */
export function takeoverWaiting(): StatusView {
  const waiting = cause('disk-wait', "node2's slot on hb#3 has not changed for 11.8 s of 18.6 s");
  const verdict = {
    node: node2,
    ageMs: 100,
    verdict: {
      decision: 'wait',
      proof: 'P1',
      waitMs: 6_800,
      cause: waiting,
      clauses: ['D4', 'D7'],
      evidence: [
        {medium: 'hb#1', says: 'silent, own end in order', ageMs: 12_100},
        {medium: 'hb#2', says: 'silent, own end in order', ageMs: 12_000},
        {medium: 'hb#3', says: 'slot unchanged', ageMs: 11_800},
      ],
    },
  } as const;
  const web = own('STOPPED', {
    local: {...own('STOPPED').local!, waiting, waitMs: 6_800, verdicts: [verdict]},
  });
  return healthy({
    takeover: {possible: false, source: 'none', proof: 'P1', worstMs: null},
    nodes: [node(), peerNode({state: 'silent', stateAgeMs: 7_000, heardAgeMs: 11_800})],
    media: [
      multicast({peers: [silentLink(12_100)]}),
      unicast({peers: [silentLink(12_000)]}),
      disk({peers: [silentLink(11_800, 10_000)]}),
    ],
    services: [
      service('web', {instances: [web, other('UNKNOWN', {stateAgeMs: 7_000})]}),
      service('db', {instances: [own('STARTED'), other('UNKNOWN', {stateAgeMs: 7_000})]}),
    ],
  });
}

export function dualActive(): StatusView {
  return healthy({
    services: [
      service('web', {instances: [own('FROZEN_START'), other('FROZEN_START')], frozen: true}),
      service('db'),
    ],
  });
}

export function frozen(): StatusView {
  const freeze = {
    by: 'root@pts/1',
    why: 'kernel update of node2',
    since: '2026-11-20T21:40:00.000Z',
    untilMs: 9_000_000,
    until: '2026-11-20T23:40:00.000Z',
  };
  const web = own('FROZEN_START', {
    local: local({cause: cause('frozen-by-operator', 'root@pts/1 froze it'), freeze}),
  });
  return healthy({
    services: [
      service('web', {instances: [web, other('FROZEN_STOP')], frozen: true}),
      service('db', {instances: [own('STARTED'), other('FROZEN_STOP')]}),
    ],
  });
}

export function starting(): StatusView {
  const progress = {
    plan: 'web/4/start/1',
    service: serviceName('web'),
    rid: resourceId('app#2'),
    action: 'start',
    step: 2,
    steps: 4,
    phase: 'begin',
    detail: '',
    durationMs: 0,
  } as const;
  const web = own('STARTING', {
    stateAgeMs: 12_300,
    epoch: 4,
    owner: true,
    local: local({
      cause: cause('grace-over', 'node2 left, and nobody better placed came forward'),
      probe: null,
      probeAgeMs: null,
      progress,
      planAgeMs: 12_300,
      planBudgetMs: 60_000,
    }),
  });
  return healthy({services: [service('web', {instances: [web, other('STOPPED')]}), service('db')]});
}
