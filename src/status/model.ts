/**
 * What every rendering starts from: the view of one daemon, and whether it is alive or remembered.
 * The shell's facts are spelled out here, because status knows the engine and nothing of the shell;
 * the daemon's own view has the same shape.
 */

import type {
  EngineView,
  InstanceView,
  MediumPeerView,
  MediumView,
  NodeView,
  ServiceView,
} from '../engine/view.ts';
import {formatDuration} from '../kernel/duration.ts';
import type {TaskView} from '../kernel/schedule/types.ts';

export interface StatusView extends EngineView {
  /** RFC 3339 of the moment of the view. */
  readonly at: string;
  readonly version: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly grade: 'A' | 'B' | 'C' | 'D';
  readonly loopLag: {readonly p99Ms: number; readonly maxMs: number};
  readonly configDirectory: string;
  readonly mediaPids: Readonly<Record<string, number>>;
  /** Service -> its resources as configured, in file order; absent where the daemon is older. */
  readonly resources?: Readonly<Record<string, readonly ResourceLabel[]>>;
  /** Tasks of all services; absent where the daemon is older. */
  readonly tasks?: readonly TaskView[];
}

/** What the status tree says of a resource besides its state. */
export interface ResourceLabel {
  readonly rid: string;
  readonly label: string;
  readonly optional: boolean;
  readonly disabled: boolean;
  /** Probed on the beat of the service's monitor, with restarts in place. */
  readonly monitored: boolean;
  /** Runs inside of the container of the service. Absent: no. */
  readonly encap?: boolean;
  /** Kept up on this node also where the service is not. Absent: no. */
  readonly standby?: boolean;
}

/** The daemon did not answer: the view is what it last wrote down. */
export interface Stale {
  /** Age of the view, ms, by the wall clock. */
  readonly ageMs: number;
  /** Why the daemon could not be asked, a sentence for people. */
  readonly why: string;
  /** What brings it back on this machine, ready to type. */
  readonly commands: readonly string[];
}

/** States in which the service's processes run or may run on that node. */
const runningStates: ReadonlySet<string> = new Set(['STARTED', 'FROZEN_START']);
const movingStates: ReadonlySet<string> = new Set(['START_READY', 'STARTING', 'STOPPING']);

export function isRunning(instance: InstanceView): boolean {
  return runningStates.has(instance.state);
}

export function isMoving(instance: InstanceView): boolean {
  return movingStates.has(instance.state);
}

export function isFailed(instance: InstanceView): boolean {
  return instance.state === 'START_FAILED' || instance.state === 'STOP_FAILED';
}

/** Nodes on which the service is up as far as this node knows, in the order of its nodes. */
export function runningNodes(service: ServiceView): readonly string[] {
  return service.instances.filter(isRunning).map((instance) => instance.node);
}

export function isFrozenInstance(instance: InstanceView): boolean {
  return instance.state === 'FROZEN_STOP' || instance.state === 'FROZEN_START';
}

/** True where nobody expects the service to run: frozen everywhere, or by command only. */
export function isRestingOnPurpose(service: ServiceView): boolean {
  if (service.orchestrate === 'no') return true;
  const known = service.instances.filter((instance) => instance.state !== 'UNKNOWN');
  return known.length > 0 && known.every(isFrozenInstance);
}

export function isPresent(node: NodeView): boolean {
  return node.state === 'alive' || node.state === 'degraded';
}

/** The view as it would look now: what was 0.4 s ago when the daemon wrote it is older today. */
export function aged(view: StatusView, ageMs: number): StatusView {
  return {
    ...view,
    nodes: view.nodes.map((node) => ({
      ...node,
      stateAgeMs: node.stateAgeMs + ageMs,
      heardAgeMs:
        node.heardAgeMs === null || node.local ? node.heardAgeMs : node.heardAgeMs + ageMs,
    })),
    media: view.media.map((medium) => ({
      ...medium,
      sentAgeMs: medium.sentAgeMs === null ? null : medium.sentAgeMs + ageMs,
      peers: medium.peers.map((peer) => ({
        ...peer,
        ageMs: peer.ageMs === null ? null : peer.ageMs + ageMs,
      })),
    })),
  };
}

/** Milliseconds until `ageMs` from now, as wall clock, for `since` fields. */
export function instantBefore(view: {readonly at: string}, ageMs: number): string {
  const atMs = Date.parse(view.at);
  return new Date(Number.isFinite(atMs) ? atMs - ageMs : 0).toISOString();
}

/** A configured duration for people: `5 s`, `200 ms`, `1m30s`. */
export function formatSpan(spanMs: number): string {
  return formatDuration(spanMs).replace(/^([\d.]+)([a-z]+)$/, '$1 $2');
}

/** A duration that a person waits for: rounded up, so that it is never promised too early. */
export function formatWait(waitMs: number): string {
  if (waitMs < 10_000) return `${(Math.ceil(Math.max(0, waitMs) / 100) / 10).toFixed(1)} s`;
  if (waitMs < 120_000) return `${Math.ceil(waitMs / 1_000)} s`;
  if (waitMs < 7_200_000) return `${Math.ceil(waitMs / 60_000)} min`;
  return `${Math.ceil(waitMs / 3_600_000)} h`;
}

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
