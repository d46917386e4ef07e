/**
 * What a reader of a scenario wants to see: state changes with their reasons, verdicts, answers.
 */

import type {Effect, RecordEntry} from '../engine/types.ts';
import type {NodeName} from '../kernel/ids.ts';
import type {DaemonEvent, Observer, Turn} from './observer.ts';

export class Transcript implements Observer {
  readonly #lines: string[] = [];
  readonly #fromMs: number;
  #isOn: boolean;

  /** `fromMs`: the instant that counts as 0; what was before it is left out until `begin`. */
  constructor(fromMs = 0) {
    this.#fromMs = fromMs;
    this.#isOn = fromMs === 0;
  }

  begin(): void {
    this.#isOn = true;
  }

  /** A line of the scenario itself. */
  command(text: string): void {
    this.#lines.push(text);
  }

  note(text: string, atMs: number): void {
    if (this.#isOn) this.#lines.push(`  ${seconds(atMs - this.#fromMs)} ${text}`);
  }

  onTurn({node, effects, atMs}: Turn): void {
    for (const effect of effects) {
      const text = describe(effect);
      if (text !== null) this.note(`${node} ${text}`, atMs);
    }
  }

  onDaemon(node: NodeName, event: DaemonEvent, atMs: number): void {
    this.note(`${node} (${event})`, atMs);
  }

  text(): string {
    return this.#lines.map((line) => `${line}\n`).join('');
  }
}

function describe(effect: Effect): string | null {
  switch (effect.type) {
    case 'record':
      return describeRecord(effect.entry);
    case 'run-plan':
      return `${effect.plan.service} run ${effect.plan.kind}`;
    case 'reply':
      return `answers ${effect.answer.exit}: ${effect.answer.text}`;
    default:
      return null;
  }
}

function describeRecord({kind, service, cause, data}: RecordEntry): string | null {
  const why = `${cause.reason}: ${cause.detail}`;
  const name = service ?? '';
  switch (kind) {
    case 'transition':
      return `${name} ${textOf(data['from'])} -> ${textOf(data['to'])}  ${why}`;
    case 'verdict':
      return `${name} verdict ${textOf(data['proof'])} over ${textOf(data['over'])}  ${why}`;
    case 'peer':
      return data['to'] === undefined ? null : cause.detail;
    case 'alarm':
      return `alarm ${cause.detail}`;
    case 'stall':
    case 'fence':
      return cause.detail;
    default:
      return null;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '?';
}

/** Whole milliseconds, so that a golden text does not hang on how a float is printed. */
function seconds(atMs: number): string {
  return `${(Math.round(atMs) / 1_000).toFixed(3).padStart(8)} s`;
}
