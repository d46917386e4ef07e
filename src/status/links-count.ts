/** How many heartbeat media work, counted so that a dead third node does not look like bad links. */

import type {EngineView, MediumPeerView, MediumView} from '../engine/view.ts';
import {isPresent} from './model.ts';

export interface LinkCount {
  readonly up: number;
  readonly total: number;
  /** Fewest media left between this node and a living peer; null: no living peer. */
  readonly left: number | null;
}

/** A medium counts as up where it works with every living peer, or with any where none lives. */
export function countLinks(view: EngineView): LinkCount {
  const living = view.nodes.filter((node) => !node.local && isPresent(node));
  const names = new Set<string>(living.map((node) => node.name));
  const up = view.media.filter((medium) => works(medium, names)).length;
  const left = living.map(
    (node) => view.media.filter((medium) => worksWith(medium, node.name)).length,
  );
  return {up, total: view.media.length, left: left.length > 0 ? Math.min(...left) : null};
}

/** Held down still carries beats: it only does not count as redundancy for a takeover's proof. */
export function peerWorks(peer: MediumPeerView): boolean {
  return peer.state === 'up' || peer.state === 'held-down';
}

function works(medium: MediumView, living: ReadonlySet<string>): boolean {
  if (medium.fault !== null) return false;
  const peers = medium.peers.filter((peer) => living.size === 0 || living.has(peer.node));
  return peers.length > 0 && peers.every(peerWorks);
}

function worksWith(medium: MediumView, node: string): boolean {
  return (
    medium.fault === null && medium.peers.some((peer) => peer.node === node && peerWorks(peer))
  );
}
