/** What the world tells to whoever watches it: the checkers and the transcript. */

import type {Command, Effect, Input} from '../engine/types.ts';
import type {Engine} from '../engine/index.ts';
import type {ActionPlan, FenceReport} from '../failover/types.ts';
import type {NodeName, ResourceId, ServiceName} from '../kernel/ids.ts';
import type {DurableEffect} from './storage.ts';

/** One turn of one engine, before its effects are carried out. */
export interface Turn {
  readonly node: NodeName;
  readonly engine: Engine;
  readonly input: Input;
  readonly effects: readonly Effect[];
  /** Virtual time. */
  readonly atMs: number;
}

export interface Heard {
  readonly from: NodeName;
  readonly to: NodeName;
  readonly medium: string;
  /** Virtual time at which it was sent or written. */
  readonly sentMs: number;
  /** Its place among all frames of its sender. */
  readonly order: number;
  readonly atMs: number;
  /** False for what a daemon found in a slot at first sight: it may be old. */
  readonly isNews: boolean;
}

export interface ScriptCall {
  readonly node: NodeName;
  readonly plan: ActionPlan;
  readonly action: 'start' | 'stop';
  readonly rid: ResourceId;
  readonly atMs: number;
}

export type DaemonEvent = 'up' | 'down' | 'paused' | 'resumed' | 'power-off' | 'power-on';

/** Every method is optional; each is called at the moment it speaks of. */
export interface Observer {
  onTurn?(turn: Turn): void;
  /** Bytes that no member made reach an engine: called before its turn and after it. */
  onForgery?(node: NodeName, engine: Engine, moment: 'before' | 'after'): void;
  onDurable?(node: NodeName, effect: DurableEffect, atMs: number): void;
  onScript?(call: ScriptCall): void;
  /** What really runs may have changed. */
  onTruth?(node: NodeName, service: ServiceName, atMs: number): void;
  /** A genuine frame was handed to a running daemon. */
  onHeard?(heard: Heard): void;
  onDaemon?(node: NodeName, event: DaemonEvent, atMs: number): void;
  onStorage?(node: NodeName, failed: boolean, atMs: number): void;
  /** The agent of a node is called, and comes back. */
  onFenceBegin?(node: NodeName, over: NodeName, attempt: number, atMs: number): void;
  onFenceEnd?(node: NodeName, over: NodeName, report: FenceReport, atMs: number): void;
  onAsked?(node: NodeName, id: number, command: Command, atMs: number): void;
  onReply?(node: NodeName, id: number, exit: number, text: string): void;
}
