/** "May I go home?": what would happen if the other node died now, and on which proof. */

import {proofNeeded, proofRank} from '../arbitration/types.ts';
import type {ProofClass} from '../arbitration/types.ts';
import type {Engine} from './state.ts';
import type {TakeoverView} from './view.ts';

export function takeoverView(engine: Engine): TakeoverView {
  const {config, nowMs} = engine;
  const disk = config.disks.find((entry) => {
    const medium = engine.media.find((candidate) => candidate.id === entry.id);
    return (
      medium?.fault === null && medium.writeMs !== null && nowMs - medium.writeMs < entry.deadMs
    );
  });
  const proof: ProofClass = disk === undefined ? 'P1' : 'P2';
  const needs = config.services
    .filter((service) => service.orchestrate === 'ha')
    .map((service) => proofNeeded[service.serviceClass]);
  const covered = needs.filter((need) => proofRank(need) <= proofRank(proof));
  const source = disk === undefined ? 'silence' : 'disk lease';
  const peerAble = [...engine.peers.values()].length > 0;
  const possible = config.takeover === 'proven' && peerAble && covered.length > 0;
  const silenceMs = Math.max(config.timing.deadMs, ...config.links.map((link) => link.deadMs));
  const leased = covered.some((need) => proofRank(need) >= proofRank('P2'));
  const leaseMs = disk === undefined || !leased ? 0 : disk.waitMs + disk.renewMs;
  return {
    possible,
    source: covered.length === 0 ? 'none' : leased ? source : 'silence',
    proof: covered.length === 0 ? 'P0' : leased ? proof : 'P1',
    worstMs: possible ? Math.max(silenceMs, leaseMs) + config.timing.graceMs : null,
  };
}
