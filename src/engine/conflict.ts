/**
 * Two nodes claim one service (SAFETY, section 7; D20). The lower epoch stops and confirms, the
 * higher announces itself again; data found active twice is frozen on both, because the two copies
 * may differ and only a person can say which one counts.
 */

import {cause, notice, persistChanged, record} from './emit.ts';
import {announceService, sendEvent} from './machine.ts';
import {abortPlan} from './plans.ts';
import {claimOf, dateOf} from './state.ts';
import type {Engine, PeerClaim, PeerRuntime, ServiceRuntime} from './state.ts';

/** True where a conflict was acted on and this look is over. */
export function resolveConflict(engine: Engine, service: ServiceRuntime): boolean {
  if (service.state !== 'STARTED' && service.state !== 'STARTING') return false;
  const rival = findRival(engine, service);
  if (rival === null) {
    service.dual = false;
    return false;
  }
  const {peer, claim} = rival;
  if (
    service.config.serviceClass === 'data' &&
    service.state === 'STARTED' &&
    claim.state === 'STARTED'
  ) {
    freezeDual(engine, service, peer);
    return true;
  }
  if (outranks(engine, service, rival)) {
    announceOnce(engine, service, peer);
    return false;
  }
  // A start that is being taken back already: saying so again would only mark it dirty for ever.
  if (service.plan?.aborted === true) return false;
  const why = cause('higher-epoch', `${peer.name} has it ${claim.state} with epoch ${claim.epoch}`);
  notice(engine, 'alarm', service, why);
  service.epoch = Math.max(service.epoch, claim.epoch);
  service.owner = false;
  announceService(engine, service);
  abortPlan(engine, service);
  sendEvent(engine, service, {type: 'stop', failed: false, cause: why});
  return true;
}

interface Rival {
  readonly peer: PeerRuntime;
  readonly claim: PeerClaim;
}

/** The strongest of all that claim it: a weaker one must not hide the one that outranks us. */
function findRival(engine: Engine, service: ServiceRuntime): Rival | null {
  let strongest: Rival | null = null;
  for (const peer of engine.peers.values()) {
    if (peer.state !== 'alive' && peer.state !== 'degraded') continue;
    const claim = claimOf(service, peer);
    // What was frozen while it ran is a rival that does not give way.
    const active =
      claim?.state === 'STARTED' || claim?.state === 'STARTING' || claim?.state === 'FROZEN_START';
    if (claim === undefined || !active) continue;
    const rival = {peer, claim};
    if (strongest === null || isStronger(service, rival, strongest)) strongest = rival;
  }
  return strongest;
}

function isStronger(service: ServiceRuntime, left: Rival, right: Rival): boolean {
  const [leftEpoch, rightEpoch] = [epochMade(left), epochMade(right)];
  if (leftEpoch !== rightEpoch) return leftEpoch > rightEpoch;
  const {nodes} = service.config;
  return nodes.indexOf(left.peer.name) < nodes.indexOf(right.peer.name);
}

/** Who did not make the epoch that it knows runs on an older one. */
function epochMade({claim}: Rival): number {
  return claim.owner ? claim.epoch : 0;
}

/** Equal epochs (both took over in a partition): the order of nodes decides, the same on both. */
function outranks(engine: Engine, service: ServiceRuntime, rival: Rival): boolean {
  const ownEpoch = service.owner ? service.epoch : 0;
  const rivalEpoch = epochMade(rival);
  if (ownEpoch !== rivalEpoch) return ownEpoch > rivalEpoch;
  const {nodes} = service.config;
  return nodes.indexOf(engine.node) < nodes.indexOf(rival.peer.name);
}

function announceOnce(engine: Engine, service: ServiceRuntime, peer: PeerRuntime): void {
  if (service.dual) return;
  service.dual = true;
  const why = cause('dual-active', `${peer.name} also claims it, with a lower epoch; it must stop`);
  record(engine, {
    kind: 'alarm',
    service: service.config.name,
    cause: why,
    data: {peer: peer.name},
  });
  notice(engine, 'alarm', service, why);
  announceService(engine, service);
}

function freezeDual(engine: Engine, service: ServiceRuntime, peer: PeerRuntime): void {
  const why = cause('dual-active', `STARTED here and on ${peer.name}: frozen on both, choose one`);
  service.dual = true;
  service.freeze = {
    by: 'understudy',
    why: `DUAL_ACTIVE with ${peer.name}`,
    since: dateOf(engine, engine.nowMs),
    untilMs: null,
    until: null,
  };
  notice(engine, 'alarm', service, why);
  sendEvent(engine, service, {type: 'freeze', cause: why});
  persistChanged(engine, service);
}
