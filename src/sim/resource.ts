/**
 * What really runs on a machine, whatever any daemon believes: a resource is up or down, and its
 * scripts are processes of the machine. They go on when the daemon is killed or stands still, and
 * end only by themselves, by a kill, or with the power. The checkers count this truth.
 */

import type {VirtualClock} from '../kernel/virtual-clock.ts';

/**
 * `half`: does its work, then fails. `lie`: exits with 0 and has done nothing. `stuck`: unkillable.
 */
export const scriptModes = [
  'ok',
  'slow',
  'fail',
  'half',
  'lie',
  'hang',
  'stuck',
  'refuse',
] as const;
export type ScriptMode = (typeof scriptModes)[number];
/**
 * `unknown`: answers neither yes nor no. `lost`: what it runs on has been taken by another node.
 */
export const probeModes = ['ok', 'unknown', 'hang', 'lost'] as const;
export type ProbeMode = (typeof probeModes)[number];

export type Exit = 'ok' | 'failed' | 'killed' | 'refused';

export interface Behaviour {
  start: ScriptMode;
  stop: ScriptMode;
  probe: ProbeMode;
  startMs: number;
  stopMs: number;
}

/** A running script. */
export interface ScriptProcess {
  readonly action: 'start' | 'stop';
  readonly beganMs: number;
  /** TERM, then KILL: it ends soon, unless it is stuck in the kernel. */
  kill(): void;
}

/** How much of a script's time has passed when its work takes effect. */
const effectShare = 0.7;
const slowFactor = 8;
/** From the signal to the end of a script that can be ended, ms. */
const dyingMs = 20;
const refuseMs = 5;
/** From the making of a process until its number is in the state directory, ms. */
const enteringMs = 2;

export class Resource {
  readonly behaviour: Behaviour;
  readonly #clock: VirtualClock;
  readonly #onChange: () => void;
  readonly #processes = new Set<Running>();
  #up = false;
  /** Actions whose end their daemon has not noted. */
  #entered: Entered[] = [];
  #unaskableUntilMs = -Infinity;

  constructor(clock: VirtualClock, behaviour: Behaviour, onChange: () => void) {
    this.#clock = clock;
    this.behaviour = behaviour;
    this.#onChange = onChange;
  }

  get up(): boolean {
    return this.#up;
  }

  /** Until when its status script gave no answer; Infinity: it does not now. */
  get unaskableUntilMs(): number {
    return this.#unaskableUntilMs;
  }

  setProbe(mode: ProbeMode): void {
    if (mode === this.behaviour.probe) return;
    this.behaviour.probe = mode;
    this.#unaskableUntilMs = mode === 'ok' ? this.#clock.nowMs() : Infinity;
  }

  /** Scripts of it that have not ended. */
  running(action: 'start' | 'stop'): number {
    let count = 0;
    for (const process of this.#processes) if (process.action === action) count += 1;
    return count;
  }

  /** It has, or a script of it may be producing, an effect on the world. */
  get active(): boolean {
    if (this.#up) return true;
    return this.running('start') > 0;
  }

  /** Runs the script; `onExit` is called once, never from within. */
  run(action: 'start' | 'stop', onExit: (exit: Exit) => void): ScriptProcess {
    const mode = action === 'start' ? this.behaviour.start : this.behaviour.stop;
    const baseMs = action === 'start' ? this.behaviour.startMs : this.behaviour.stopMs;
    const takesMs = mode === 'slow' ? baseMs * slowFactor : mode === 'refuse' ? refuseMs : baseMs;
    const process: Running = {
      action,
      beganMs: this.#clock.nowMs(),
      stuck: mode === 'stuck',
      timers: [],
      kill: () => this.#kill(process, mode, onExit),
      release: () => {
        for (const cancel of process.timers.splice(0)) cancel();
        this.#end(process, onExit, 'killed');
      },
    };
    this.#processes.add(process);
    this.#entered.push({process, isKnown: true, isOrphan: false});
    const works = mode === 'ok' || mode === 'slow' || mode === 'half';
    // Who hangs has done its work in one case and not in the other: starts have, stops have not.
    if (works || (action === 'start' && (mode === 'hang' || mode === 'stuck'))) {
      this.#after(process, takesMs * effectShare, () => this.#set(action === 'start'));
    }
    if (mode !== 'hang' && mode !== 'stuck') {
      this.#after(process, takesMs, () => this.#end(process, onExit, exitOf(mode)));
    }
    this.#onChange();
    return process;
  }

  /** It dies, or is started, by something that is no script of ours. */
  set(up: boolean): void {
    this.#set(up);
  }

  /** What the next daemon finds entered; null: nothing. */
  get entered(): 'start' | 'stop' | null {
    if (this.#entered.some(({process}) => process.action === 'start')) return 'start';
    return this.#entered.length > 0 ? 'stop' : null;
  }

  /** A process of what is entered has not ended. */
  get mayBeLeft(): boolean {
    return this.#entered.some((one) => this.#processes.has(one.process));
  }

  /** One outlived its daemon, and no later one can end it. */
  get lingers(): boolean {
    return this.#entered.some((one) => this.#isBeyondReach(one));
  }

  /** Its daemon has seen the end of the action. */
  noteEnded(process: ScriptProcess): void {
    this.#entered = this.#entered.filter((one) => one.process !== process);
  }

  /** A later daemon has seen that they are over. */
  forgetEnded(): void {
    this.#entered = this.#entered.filter(({process}) => this.#processes.has(process));
  }

  /** The daemon is gone; the number of a process that it had just made was not written any more. */
  noteDaemonEnd(): void {
    for (const one of this.#entered) {
      one.isOrphan = true;
      if (one.process.beganMs > this.#clock.nowMs() - enteringMs) one.isKnown = false;
    }
  }

  /** TERM, then KILL, to what another daemon has begun; true where it is cut short by that. */
  endLeft(): boolean {
    const ended = this.#entered.filter(
      (one) => this.#processes.has(one.process) && !this.#isBeyondReach(one),
    );
    for (const {process} of ended) process.kill();
    return ended.length > 0;
  }

  /** What hung in the kernel hangs no more, and was to be killed long ago. */
  unstick(): void {
    for (const process of this.#processes) if (process.stuck) process.release();
  }

  /** The machine lost its power. */
  powerOff(): void {
    for (const process of this.#processes) for (const cancel of process.timers) cancel();
    this.#processes.clear();
    this.#entered = [];
    this.#up = false;
    this.#onChange();
  }

  #isBeyondReach({process, isKnown, isOrphan}: Entered): boolean {
    return isOrphan && this.#processes.has(process) && (process.stuck || !isKnown);
  }

  #after(process: Running, ms: number, run: () => void): void {
    process.timers.push(this.#clock.at(this.#clock.nowMs() + ms, run));
  }

  #kill(process: Running, mode: ScriptMode, onExit: (exit: Exit) => void): void {
    if (mode === 'stuck' || !this.#processes.has(process)) return;
    for (const cancel of process.timers.splice(0)) cancel();
    this.#after(process, dyingMs, () => this.#end(process, onExit, 'killed'));
  }

  #end(process: Running, onExit: (exit: Exit) => void, exit: Exit): void {
    this.#processes.delete(process);
    this.#onChange();
    onExit(exit);
  }

  #set(up: boolean): void {
    this.#up = up;
    this.#onChange();
  }
}

interface Entered {
  readonly process: Running;
  isKnown: boolean;
  isOrphan: boolean;
}

interface Running extends ScriptProcess {
  readonly stuck: boolean;
  release(): void;
  readonly timers: (() => void)[];
}

function exitOf(mode: ScriptMode): Exit {
  if (mode === 'refuse') return 'refused';
  return mode === 'fail' || mode === 'half' ? 'failed' : 'ok';
}
