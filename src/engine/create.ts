/** A new engine: it believes nothing yet, has said nothing yet, and asks for probes first. */

import type {ServiceConfig} from '../config/types.ts';
import {PeerView} from '../heartbeat/peer-view.ts';
import type {PeerViewOptions} from '../heartbeat/peer-view.ts';
import {hashName} from '../kernel/hash.ts';
import type {NodeName} from '../kernel/ids.ts';
import {createArbiter} from './arbiter.ts';
import {cause, factsOf, record} from './emit.ts';
import {createFence} from './fencing.ts';
import {enterLeftovers} from './leftovers.ts';
import {createServiceActor} from './machine.ts';
import {keptUntilMs, knownLives} from './peer-memory.ts';
import type {EngineOptions} from './ports.ts';
import {markAllDirty} from './state.ts';
import type {Engine, MediumRuntime, PeerRuntime, ServiceRuntime} from './state.ts';
import type {ServiceFacts} from './types.ts';
import {createWatchdog} from './watchdog.ts';

export function buildEngine(options: EngineOptions): Engine {
  const {config, node, nowMs} = options;
  const engine: Engine = {
    config,
    node,
    hash: hashName(node),
    incarnation: options.incarnation,
    nonce: options.nonce,
    bootId: options.bootId,
    auth: options.auth,
    wallOffsetMs: options.wallOffsetMs,
    startedMs: nowMs,
    nowMs,
    dueMs: nowMs,
    peerView: createPeerView({...options, known: knownLives(options.facts.node)}),
    viewSinceMs: nowMs,
    peers: new Map(),
    peersByHash: new Map(),
    media: createMedia(options.config, nowMs),
    services: [],
    byName: new Map(),
    byHash: new Map(),
    sequence: 0,
    nextBeatMs: nowMs,
    burst: [],
    announce: true,
    wanted: false,
    answerFromMs: nowMs,
    rotation: 0,
    claimsDigest: null,
    serviceDueMs: nowMs,
    peerDueMs: nowMs,
    intents: [],
    internal: [],
    dirty: [],
    orders: new Map(),
    facts: options.facts.node,
    storedFacts: new Map(options.facts.services),
    leaving: 'no',
    keepMs: 0,
    leaveOrder: null,
    goodbyesLeft: 0,
    keepSequence: 0,
    watchdog: createWatchdog(),
    ping: {askedMs: new Map(), fault: null, reachable: null},
    arbiter: createArbiter(nowMs),
    fenced: null,
    storageFault: null,
    draining: false,
    reviewLeft: 0,
    deferred: [],
    stallCount: 0,
    stallSinceMs: nowMs,
    stallLastMs: null,
    stallWorstMs: 0,
    unfitUntilMs: 0,
    duplicateNode: false,
    alarms: new Map(),
    out: [],
  };
  for (const name of config.nodes) if (name !== node) addPeer(engine, name);
  config.services.forEach((service, index) => {
    addService(engine, {service, index, facts: options.facts.services.get(service.name)});
  });
  enterLeftovers(engine, options.leftovers ?? new Map());
  recordStart(engine);
  markAllDirty(engine);
  return engine;
}

export function createPeerView(
  options: Pick<EngineOptions, 'config' | 'node' | 'incarnation' | 'nonce' | 'auth' | 'nowMs'> &
    Pick<PeerViewOptions, 'known'>,
): PeerView {
  const {config} = options;
  return new PeerView({
    self: options.node,
    incarnation: options.incarnation,
    nonce: options.nonce,
    nodes: config.nodes,
    media: [
      ...config.links.map((link) => ({
        id: link.id,
        kind: 'link' as const,
        deadMs: link.deadMs,
        beatMs: config.timing.beatMs,
      })),
      ...config.disks.map((disk) => ({
        id: disk.id,
        kind: 'disk' as const,
        deadMs: disk.deadMs,
        beatMs: disk.renewMs,
      })),
    ],
    holdDownMsMax: config.timing.holdDownMsMax,
    auth: options.auth,
    known: options.known ?? new Map(),
    nowMs: options.nowMs,
  });
}

export function createMedia(config: EngineOptions['config'], nowMs: number): MediumRuntime[] {
  const medium = (id: MediumRuntime['id'], kind: 'link' | 'disk'): MediumRuntime => ({
    id,
    kind,
    hash: hashName(id),
    fault: null,
    sentMs: null,
    bornMs: nowMs,
    writeMs: null,
    readMs: null,
    watchedSinceMs: nowMs,
    nextWriteMs: nowMs,
  });
  return [
    ...config.links.map((link) => medium(link.id, 'link')),
    ...config.disks.map((disk) => medium(disk.id, 'disk')),
  ];
}

export function addPeer(engine: Engine, name: NodeName): void {
  const peer: PeerRuntime = {
    name,
    hash: hashName(name),
    state: 'joining',
    stateSinceMs: engine.nowMs,
    incarnation: 0,
    left: false,
    keepingUntilMs: keptUntilMs(engine, name, 0),
    confirmedDead: null,
    fence: createFence(
      engine.facts.fences.find(({node}) => node === name),
      engine.nowMs,
    ),
    frozen: false,
    drained: false,
    unfit: false,
    leaving: false,
    decisionAgeMs: 0,
    configDigest: '',
    leaseMs: 0,
    watchdogMs: 0,
    peerPort: 0,
    address: null,
    ackSequence: 0,
    appliedSequence: 0,
    proven: false,
    heardThisLife: false,
    claimsTotal: 0,
    claimsDigest: 0,
    witness: new Map(),
    lifeSinceMs: engine.nowMs,
    claims: new Map(),
    complete: false,
  };
  engine.peers.set(name, peer);
  engine.peersByHash.set(peer.hash, peer);
}

const noFacts: ServiceFacts = {
  epoch: 0,
  owner: false,
  frozen: null,
  freeze: null,
  failed: null,
  lastAction: null,
  bootId: '',
  peerLatch: null,
  underWay: null,
};

export function addService(
  engine: Engine,
  entry: {
    readonly service: ServiceConfig;
    readonly index: number;
    readonly facts: ServiceFacts | undefined;
  },
): ServiceRuntime {
  const facts = frozenSecondary(
    engine,
    entry.service,
    entry.facts ?? birthFacts(engine, entry.service),
  );
  const service: ServiceRuntime = {
    config: entry.service,
    index: entry.index,
    hash: hashName(entry.service.name),
    actor: createServiceActor({frozen: facts.frozen, failed: facts.failed}, engine.intents),
    state: 'UNKNOWN',
    sinceMs: engine.nowMs,
    cause: cause('waiting-for-probe', 'the daemon has just started'),
    epoch: facts.epoch,
    owner: facts.owner,
    rightLost: false,
    waiting: null,
    waitUntilMs: null,
    verdicts: new Map(),
    freeze: facts.freeze,
    failed: facts.failed,
    failedUntilMs: null,
    lastAction: facts.lastAction,
    bootId: facts.bootId,
    peerLatch: facts.peerLatch,
    plan: null,
    interrupted: interruptedPlan(engine, entry.service, facts),
    leftover: null,
    planCount: 0,
    progress: null,
    probe: null,
    probeAtMs: null,
    probing: false,
    nextProbeMs: null,
    restarts: new Map(),
    fallback: null,
    readySequence: 0,
    toldSequence: 0,
    handTo: 0,
    handUntilMs: null,
    ordered: null,
    freezeAfterStart: null,
    takenOverAtMs: null,
    dual: false,
    dirty: false,
    persisted: '',
    announceLeft: 0,
    autostarted: false,
  };
  service.persisted = JSON.stringify(factsOf(service));
  engine.services.push(service);
  engine.byName.set(entry.service.name, service);
  engine.byHash.set(service.hash, service);
  return service;
}

/** OpenHA's services begin their life frozen; so do secondaries where the site asks for it. */
function birthFacts(engine: Engine, service: ServiceConfig): ServiceFacts {
  if (service.origin !== 'openha') return noFacts;
  const since = new Date(engine.wallOffsetMs + engine.nowMs).toISOString();
  const why = 'a new service starts frozen; unfreeze it when both nodes are ready';
  const freeze = {by: 'understudy', why, since, untilMs: null, until: null};
  return {...noFacts, frozen: 'stop', freeze};
}

/** A script of the last daemon runs for its deadlines at most, and the boot ends it too. */
function interruptedPlan(
  engine: Engine,
  service: ServiceConfig,
  facts: ServiceFacts,
): ServiceRuntime['interrupted'] {
  if (facts.underWay === null || facts.bootId !== engine.bootId) return null;
  const limitMs = service.resources.reduce((sum, one) => sum + one.startMs + one.stopMs, 0);
  return {kind: facts.underWay, untilMs: engine.nowMs + limitMs, isCut: false};
}

/** OpenHA's FREEZE_SERVICE_SECONDARY_INSTANCE_ON_START: whoever is not first starts frozen. */
function frozenSecondary(
  engine: Engine,
  service: ServiceConfig,
  facts: ServiceFacts,
): ServiceFacts {
  if (!engine.config.freezeSecondaryOnStart || facts.frozen !== null) return facts;
  if (service.nodes[0] === engine.node) return facts;
  const since = new Date(engine.wallOffsetMs + engine.nowMs).toISOString();
  const why = 'FREEZE_SERVICE_SECONDARY_INSTANCE_ON_START is set';
  return {
    ...facts,
    frozen: 'stop',
    freeze: {by: 'understudy', why, since, untilMs: null, until: null},
  };
}

function recordStart(engine: Engine): void {
  const {config} = engine;
  record(engine, {
    kind: 'daemon',
    service: null,
    cause: cause('waiting-for-probe', `daemon started, life ${engine.incarnation}`),
    data: {
      incarnation: engine.incarnation,
      bootId: engine.bootId,
      cluster: config.name,
      digest: config.digest,
      services: config.services.length,
    },
  });
}
