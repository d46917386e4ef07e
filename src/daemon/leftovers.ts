/**
 * Actions that a former daemon of this node had begun and nobody saw end. They are ended before
 * anything of their services is believed; what can not be ended, or not be seen, is looked for
 * again and again, and meanwhile its service counts neither as running nor as stopped.
 */

import type {LeftoverKind} from '../engine/ports.ts';
import type {Input} from '../engine/types.ts';
import type {ActionRecords, FoundAction} from '../drivers/host/action-records.ts';
import {endLeftover, type EndingPorts, type LeftoverEnd} from '../drivers/host/end-leftover.ts';
import {serviceName} from '../kernel/ids.ts';
import type {ServiceName} from '../kernel/ids.ts';

export interface LeftoversOptions {
  readonly records: Pick<ActionRecords, 'forget'>;
  readonly found: readonly FoundAction[];
  /** Of services whose plan was under way: a damaged record may be of any of them. */
  readonly underWay: readonly ServiceName[];
  readonly give: (input: Input) => void;
  readonly log: (line: string) => void;
  readonly ports?: EndingPorts;
  /** Time between two looks at what could not be ended. Default 5,000. */
  readonly againMs?: number;
}

interface Remains {
  actions: readonly FoundAction[];
  wasEnded: boolean;
  readonly settled: Promise<void>;
  settle: () => void;
}

export class Leftovers {
  readonly #options: LeftoversOptions;
  readonly #remains = new Map<ServiceName, Remains>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #closed = false;

  constructor(options: LeftoversOptions) {
    this.#options = options;
    for (const action of options.found) {
      const {facts} = action;
      for (const name of facts === null ? options.underWay : [serviceName(facts.service)]) {
        this.#add(name, action);
      }
    }
  }

  /** What the engine must know when it is made: services, and what was under way there. */
  kinds(): ReadonlyMap<ServiceName, LeftoverKind> {
    return new Map([...this.#remains].map(([name, {actions}]) => [name, kindOf(actions)]));
  }

  /** Resource of `SERVICE/RID` with a process that may still run. */
  has(key: string): boolean {
    const [name = '', rid] = key.split('/');
    const remains = this.#remains.get(serviceName(name));
    return remains?.actions.some(({facts}) => facts === null || facts.rid === rid) === true;
  }

  settled(service: ServiceName): Promise<void> {
    return this.#remains.get(service)?.settled ?? Promise.resolve();
  }

  /** Once the engine is there. What comes of it goes to the engine as inputs. */
  begin(): void {
    for (const name of this.#remains.keys()) void this.#end(name);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const {settle} of this.#remains.values()) settle();
  }

  #add(name: ServiceName, action: FoundAction): void {
    const known = this.#remains.get(name);
    if (known !== undefined) {
      known.actions = [...known.actions, action];
      return;
    }
    let settle = (): void => undefined;
    const settled = new Promise<void>((resolve) => {
      settle = resolve;
    });
    this.#remains.set(name, {actions: [action], wasEnded: false, settled, settle});
  }

  async #end(name: ServiceName): Promise<void> {
    const remains = this.#remains.get(name);
    if (remains === undefined || this.#closed) return;
    const ends = await Promise.all(
      remains.actions.map(async (action) => {
        return {action, end: await endLeftover(action, this.#options.ports)};
      }),
    );
    if (this.#closed) return;
    for (const {action, end} of ends) this.#note(name, action, end);
    remains.wasEnded ||= ends.some(({end}) => end.state === 'ended');
    const left = ends.filter(({end}) => end.state === 'lingers');
    remains.actions = left.map(({action}) => action);
    if (left.length === 0) this.#remains.delete(name);
    const state = left.length > 0 ? 'lingers' : remains.wasEnded ? 'ended' : 'gone';
    const detail = left.map(({action, end}) => `${wordsOf(action)}: ${end.detail}`).join('; ');
    this.#options.give({type: 'leftover', service: name, state, detail});
    remains.settle();
    if (left.length > 0) this.#again(name);
  }

  #note(name: ServiceName, action: FoundAction, end: LeftoverEnd): void {
    if (end.state === 'lingers') return;
    this.#options.records.forget(action.id);
    if (end.state === 'gone') return;
    const {log} = this.#options;
    log(`${name}: ${wordsOf(action)}, left by the last daemon, was ended`);
  }

  #again(name: ServiceName): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#end(name);
    }, this.#options.againMs ?? 5_000);
    this.#timers.add(timer);
  }
}

/** A run of a task does not hide the start or stop that was under way beside it. */
function kindOf(actions: readonly FoundAction[]): LeftoverKind {
  const changes = actions.filter(({facts}) => facts?.action !== 'run');
  if (changes.length === 0) return 'run';
  return changes.every(({facts}) => facts?.action === 'stop') ? 'stop' : 'start';
}

function wordsOf({facts}: FoundAction): string {
  return facts === null ? 'an action whose record is damaged' : `${facts.action} of ${facts.rid}`;
}
