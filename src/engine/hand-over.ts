/**
 * A planned move: the owner stops, confirms, and names who goes on (S9: stop before give). Whom it
 * names starts it as if it were ordered to, also where the service does not move by itself.
 */

import {exitCodes} from '../kernel/exit-codes.ts';
import type {NodeName} from '../kernel/ids.ts';
import {isAlive, isCandidate} from './may-start.ts';
import {answer} from './emit.ts';
import {claimOf} from './state.ts';
import type {Engine, PeerRuntime, ServiceRuntime} from './state.ts';

/** `target`: index in the service's nodes. The stop that must come before it is the caller's. */
export function handOver(engine: Engine, service: ServiceRuntime, target: number): void {
  const budgetMs = service.config.resources.reduce((sum, r) => sum + r.stopMs + r.startMs, 30_000);
  // A person moves it: the memory of the last takeover is over.
  service.takenOverAtMs = null;
  service.handTo = target + 1;
  service.handUntilMs = engine.nowMs + budgetMs;
}

/** Index in the service's nodes, or the refusal with the reason of each node that cannot. */
export function chooseTarget(
  engine: Engine,
  service: ServiceRuntime,
  to: NodeName | null,
): number | ReturnType<typeof answer> {
  const {nodes, name} = service.config;
  if (to === engine.node) return answer(exitCodes.done, `${name} runs on ${to} already`);
  if (to !== null && !nodes.includes(to)) {
    return answer(exitCodes.noSuch, `${to} is not in the nodes of ${name}: ${nodes.join(' ')}`);
  }
  const reasons: string[] = [];
  for (const node of nodes) {
    const peer = engine.peers.get(node);
    if (peer === undefined || (to !== null && node !== to)) continue;
    if (isCandidate(engine, service, peer)) return nodes.indexOf(node);
    reasons.push(whyNoCandidate(service, peer));
  }
  return answer(exitCodes.failed, `no node can take ${name}: ${reasons.join('; ')}`);
}

/** What a silent node once said of the service is not true any more, so it is not repeated. */
function whyNoCandidate(service: ServiceRuntime, peer: PeerRuntime): string {
  if (!isAlive(peer)) return `${peer.name} is ${peer.state}`;
  const state = claimOf(service, peer)?.state ?? 'UNKNOWN';
  const mode = peer.drained ? ', drained' : peer.frozen ? ', frozen' : '';
  return `${peer.name} is ${peer.state}${mode}, ${service.config.name} is ${state} there`;
}
