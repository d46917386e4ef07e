/**
 * What this node says, to whom and when: a beat per interval on every link, at once after a change
 * (three copies), and a slot per renewal on every disk. Changed services go first, the others
 * rotate.
 */

import {encodeFrame} from '../heartbeat/encode-frame.ts';
import {claimsMax, recordBytes} from '../heartbeat/layout.ts';
import {encodeSlot} from '../heartbeat/slot.ts';
import type {Frame, ServiceClaim} from '../heartbeat/types.ts';
import type {DiskId, LinkId} from '../kernel/ids.ts';
import {mix32} from '../kernel/hash.ts';
import {frameBytesMax} from '../kernel/limits.ts';
import {serviceStates} from '../kernel/words.ts';
import {announceCopies} from './state.ts';
import type {Engine, MediumRuntime, ServiceRuntime} from './state.ts';
import {attestedMs} from './watchdog.ts';

/** Offsets of the extra copies after a change: one lost packet must not cost a beat. */
const burstOffsetsMs = [5, 20];
/**
 * Between two answers to peers that lack our states, ms. Without it two nodes that lack states of
 * each other would answer each other's answers for ever.
 */
const answerGapMs = 50;
/** Frames sent in one go when a peer lacks our states: enough for every service there can be. */
const fullFramesMax = 12;

/** Sends what is due at this turn: the beat, a copy of the burst, or an announcement. */
export function sendDue(engine: Engine): void {
  const {nowMs} = engine;
  const beat = nowMs >= engine.nextBeatMs;
  const copy = engine.burst.length > 0 && nowMs >= engine.burst[0]!;
  const wanted = engine.wanted && nowMs >= engine.answerFromMs;
  if (wanted) {
    engine.wanted = false;
    engine.answerFromMs = nowMs + answerGapMs;
  }
  if (engine.announce) engine.burst = burstOffsetsMs.map((offsetMs) => nowMs + offsetMs);
  else if (copy) engine.burst.shift();
  if (beat || copy || wanted || engine.announce) sendOnLinks(engine, wanted);
  writeSlots(engine, engine.announce || wanted);
  if (beat) engine.nextBeatMs = nextBeat(engine);
  engine.announce = false;
}

/** Absolute schedule: a late beat does not shift those that follow; missed ones are not made up. */
function nextBeat(engine: Engine): number {
  const {beatMs} = engine.config.timing;
  const next = engine.nextBeatMs + beatMs;
  return next > engine.nowMs ? next : engine.nowMs + beatMs;
}

function sendOnLinks(engine: Engine, all: boolean): void {
  const count = all ? Math.min(fullFramesMax, Math.ceil(engine.services.length / 80) + 1) : 1;
  for (let round = 0; round < count; round += 1) {
    const services = nextToSay(engine, claimsMax(frameBytesMax));
    const claims = services.map(claimOfOwn);
    let written = 0;
    for (const medium of engine.media) {
      if (medium.kind !== 'link') continue;
      const frame = frameOf(engine, medium, claims);
      const {bytes, claimsWritten} = encodeFrame(frame, {
        budgetBytes: frameBytesMax,
        auth: engine.auth,
      });
      written = claimsWritten;
      engine.out.push({type: 'send', link: medium.id as LinkId, bytes});
      medium.sentMs = engine.nowMs;
    }
    noteClaimsSent(engine, services, written);
    if (written >= engine.services.length) break;
  }
}

function writeSlots(engine: Engine, now: boolean): void {
  for (const medium of engine.media) {
    if (medium.kind !== 'disk' || (!now && engine.nowMs < medium.nextWriteMs)) continue;
    const disk = engine.config.disks.find((entry) => entry.id === medium.id);
    if (disk === undefined) continue;
    medium.nextWriteMs = engine.nowMs + disk.renewMs;
    const {slotBlocks} = disk;
    const services = nextToSay(engine, slotBlocks * claimsMax(recordBytes));
    const frame = frameOf(engine, medium, services.map(claimOfOwn));
    const {bytes} = encodeSlot(frame, {slotBlocks, auth: engine.auth});
    const {sequence} = frame;
    engine.out.push({type: 'write-slot', disk: medium.id as DiskId, bytes, sequence});
  }
}

/** The next thing that we say: it takes a sequence of its own. */
function frameOf(engine: Engine, medium: MediumRuntime, claims: readonly ServiceClaim[]): Frame {
  const {facts, config} = engine;
  engine.sequence += 1;
  engine.peerView.noteSent(engine.sequence, engine.nowMs);
  return {
    sender: engine.hash,
    medium: medium.hash,
    incarnation: engine.incarnation,
    nonce: engine.nonce,
    sequence: engine.sequence,
    flags: {
      leaving: engine.leaving === 'gone',
      keeping: engine.leaving === 'keeping',
      frozen: facts.frozen !== null || facts.clusterFrozen !== null,
      drained: facts.drained !== null,
      wantAll: lacksClaims(engine),
      unfit: engine.leaving === 'stopping' || engine.draining || engine.storageFault !== null,
    },
    decisionAgeMs: Math.min(65_535, Math.max(0, Math.round(engine.nowMs - engine.dueMs))),
    configDigest: config.digest,
    claimsDigest: ownDigest(engine),
    claimsTotal: engine.services.length,
    // While services are kept nobody renews a lease: the field says how long to wait instead.
    leaseMs:
      engine.leaving === 'keeping'
        ? engine.keepMs
        : config.disks.reduce((most, disk) => Math.max(most, disk.leaseMs), 0),
    watchdogMs: attestedMs(engine),
    peerPort: config.peerPort.get(engine.node) ?? 0,
    heard: engine.peerView.heardList(),
    claims,
  };
}

/** A peer with another configuration may have services unknown to us: it is never complete. */
function lacksClaims(engine: Engine): boolean {
  for (const peer of engine.peers.values()) {
    const isHeard = peer.incarnation !== 0 && peer.state !== 'silent';
    if (isHeard && !peer.complete && peer.configDigest === engine.config.digest) return true;
  }
  return false;
}

/**
 * Whose claims are said next, at most `count`: never or least often announced changes first, the
 * rest from where the last frame ended.
 */
function nextToSay(engine: Engine, count: number): readonly ServiceRuntime[] {
  const {services, rotation} = engine;
  const next: ServiceRuntime[] = [];
  for (let left = announceCopies; left > 0; left -= 1) {
    for (const service of services) {
      if (next.length >= count) return next;
      if (service.announceLeft === left) next.push(service);
    }
  }
  for (let step = 0; step < services.length && next.length < count; step += 1) {
    const service = services[(rotation + step) % services.length]!;
    if (service.announceLeft === 0) next.push(service);
  }
  return next;
}

function noteClaimsSent(
  engine: Engine,
  services: readonly ServiceRuntime[],
  written: number,
): void {
  for (let index = 0; index < written; index += 1) {
    const service = services[index]!;
    if (service.announceLeft > 0) service.announceLeft -= 1;
    else engine.rotation = (service.index + 1) % engine.services.length;
    if (service.toldSequence === 0) service.toldSequence = engine.sequence;
    const isAwaited = service.state === 'START_READY' || service.state === 'FROZEN_START';
    if (isAwaited && service.readySequence === 0) {
      service.readySequence = engine.sequence;
    }
  }
  if (engine.services.some((service) => service.announceLeft > 0) && engine.burst.length === 0) {
    engine.burst = burstOffsetsMs.map((offsetMs) => engine.nowMs + offsetMs);
  }
}

function claimOfOwn(service: ServiceRuntime): ServiceClaim {
  return {
    service: service.hash,
    state: service.state,
    epoch: service.epoch,
    owner: service.owner,
    handTo: service.handTo,
  };
}

/** What a digest covers of a service, on whichever side. */
type Said = Pick<ServiceClaim, 'state' | 'epoch' | 'owner' | 'handTo'>;

/** Digest over all that is said of `services`: the same on both sides. */
export function digestOf(
  services: readonly ServiceRuntime[],
  saidOf: (service: ServiceRuntime) => Said | undefined,
): number {
  let digest = 0;
  for (const service of services) {
    const said = saidOf(service);
    if (said === undefined) continue;
    const state = serviceStates.indexOf(said.state) * 32 + (said.owner ? 16 : 0) + said.handTo;
    // Summed, not chained: the receiver learns claims in any order.
    digest = (digest + mix32(mix32(service.hash, said.epoch), state)) >>> 0;
  }
  return digest;
}

function ownDigest(engine: Engine): number {
  engine.claimsDigest ??= digestOf(engine.services, (service) => service);
  return engine.claimsDigest;
}
