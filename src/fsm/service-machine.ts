/**
 * One service on one node (SAFETY, section 3). The chart holds no time and no judgement: the engine
 * decides with the pure rooms and sends the outcome as an event, so every arrow here can be read
 * against the table in docs/states.md. The only outward action is `emit(intent)`.
 *
 * Every event that does not fit the present state is ignored, which leaves the snapshot the same
 * object; the engine relies on that to see whether something happened.
 */

import {assign, emit, setup} from 'xstate';
import type {ActorRefFrom, SnapshotFrom} from 'xstate';
import type {ServiceState} from '../kernel/words.ts';
import type {ServiceEvent, ServiceIntent} from './types.ts';

/** What is remembered from the last life, only to make us more careful. */
export interface ServiceInput {
  readonly frozen: 'stop' | 'start' | null;
  readonly failed: 'start' | 'stop' | null;
}

interface ServiceContext extends ServiceInput {
  /** Ordered while an action runs: where to rest when it ends. */
  readonly next: 'rest' | 'stop' | 'fail';
}

const stopped = {frozen: null, failed: null, next: 'rest'} as const;

export const serviceMachine = setup({
  types: {
    context: {} as ServiceContext,
    events: {} as ServiceEvent,
    emitted: {} as ServiceIntent,
    input: {} as ServiceInput,
  },
  guards: {
    frozen: ({context}) => context.frozen !== null,
    frozenStart: ({context}) => context.frozen === 'start',
    startFailed: ({context}) => context.failed === 'start',
    stopFailed: ({context}) => context.failed === 'stop',
    mustStop: ({context}) => context.next === 'stop',
    mustFail: ({context}) => context.next === 'fail',
    probedUp: ({event}) => 'probed' in event && event.probed === 'up',
    probedDown: ({event}) => 'probed' in event && event.probed === 'down',
    clean: ({event}) => event.type === 'plan.failed' && event.clean,
    confirmed: ({event}) => event.type === 'clear' && event.confirmStopped,
    declaredUp: ({event}) => event.type === 'declare' && event.running,
    stopAsFailed: ({event}) => event.type === 'stop' && event.failed,
  },
  actions: {
    start: emit(({event}) => ({type: 'start', cause: event.cause}) as const),
    stop: emit(({event}) => ({type: 'stop', cause: event.cause}) as const),
    rest: assign(stopped),
    frozenAsStopped: assign({frozen: 'stop', failed: null, next: 'rest'}),
    frozenAsStarted: assign({frozen: 'start', failed: null, next: 'rest'}),
    thenStop: assign({next: 'stop'}),
    thenFail: assign({next: 'fail'}),
    thenFreezeStopped: assign({next: 'stop', frozen: 'stop'}),
    thenFreezeStarted: assign({frozen: 'start'}),
    thaw: assign({frozen: null}),
    forget: assign({failed: null}),
    thenRest: assign({next: 'rest'}),
  },
}).createMachine({
  id: 'service',
  initial: 'UNKNOWN',
  context: ({input}) => ({frozen: input.frozen, failed: input.failed, next: 'rest'}),
  states: {
    /** Nothing is believed before the first probe; a mixed answer stays here and is reported. */
    UNKNOWN: {
      on: {
        'probe.done': [
          {guard: 'probedUp', target: 'FOUND_UP'},
          {guard: 'probedDown', target: 'FOUND_DOWN'},
          // Before any freeze: what could not be stopped may still run, and must not be called
          // stopped.
          {guard: 'stopFailed', target: 'STOP_FAILED'},
          // FROZEN_STOP would tell the others that nothing runs: without a clear answer it stays
          // unknown, frozen as it is.
          {guard: 'frozenStart', target: 'FROZEN_START'},
        ],
        'go': {target: 'STARTING', actions: 'start'},
        'stop': [
          {guard: 'stopAsFailed', target: 'STOPPING', actions: ['thenFail', 'stop']},
          {target: 'STOPPING', actions: 'stop'},
        ],
        // It may be running, and FROZEN_STOP would tell the others that it is not.
        'freeze': {actions: 'thenFreezeStarted'},
        'unfreeze': {actions: 'thaw'},
        'freeze.stop': {target: 'STOPPING', actions: ['thenFreezeStopped', 'stop']},
        // A person's word stands in for the probe, and a freeze stays what it is.
        'declare': [
          {guard: 'declaredUp', target: 'FOUND_UP'},
          {target: 'FOUND_DOWN', actions: 'forget'},
        ],
        'clear': {guard: 'confirmed', target: 'FOUND_DOWN', actions: 'forget'},
      },
    },
    FOUND_UP: {
      always: [
        {guard: 'frozen', target: 'FROZEN_START', actions: 'frozenAsStarted'},
        {target: 'STARTED', actions: 'rest'},
      ],
    },
    FOUND_DOWN: {
      always: [
        {guard: 'frozen', target: 'FROZEN_STOP', actions: 'frozenAsStopped'},
        {guard: 'startFailed', target: 'START_FAILED'},
        {target: 'STOPPED', actions: 'rest'},
      ],
    },
    STOPPED: {
      on: {
        'ready': {target: 'START_READY'},
        'probe.done': {guard: 'probedUp', target: 'STARTED'},
        'freeze': {target: 'FROZEN_STOP', actions: 'frozenAsStopped'},
        'freeze.stop': {target: 'FROZEN_STOP', actions: 'frozenAsStopped'},
        'declare': {guard: 'declaredUp', target: 'STARTED'},
      },
    },
    START_READY: {
      on: {
        'go': {target: 'STARTING', actions: 'start'},
        'yield': {target: 'STOPPED'},
        'stop': {target: 'STOPPED'},
        'freeze': {target: 'FROZEN_STOP', actions: 'frozenAsStopped'},
        'freeze.stop': {target: 'FROZEN_STOP', actions: 'frozenAsStopped'},
      },
    },
    STARTING: {
      on: {
        'plan.done': [
          {guard: 'mustStop', target: 'STOPPING', actions: 'stop'},
          {guard: 'mustFail', target: 'STOPPING', actions: 'stop'},
          {guard: 'frozen', target: 'FROZEN_START', actions: 'frozenAsStarted'},
          {target: 'STARTED', actions: 'rest'},
        ],
        'plan.failed': [
          {guard: 'clean', target: 'UNDONE'},
          {target: 'STOP_FAILED', actions: 'thenFail'},
        ],
        'plan.unknown': {target: 'STOP_FAILED', actions: 'thenFail'},
        'stop': {actions: 'thenStop'},
        'freeze': {actions: 'thenFreezeStarted'},
        'freeze.stop': {actions: 'thenFreezeStopped'},
      },
    },
    UNDONE: {
      always: [
        {guard: 'frozen', target: 'FROZEN_STOP', actions: 'frozenAsStopped'},
        {guard: 'mustStop', target: 'STOPPED', actions: 'rest'},
        {target: 'START_FAILED'},
      ],
    },
    STARTED: {
      on: {
        'stop': [
          {guard: 'stopAsFailed', target: 'STOPPING', actions: ['thenFail', 'stop']},
          {target: 'STOPPING', actions: 'stop'},
        ],
        // A restart in place: the rest goes down too, unless something cannot be taken down.
        'plan.failed': [
          {guard: 'clean', target: 'STOPPING', actions: ['thenFail', 'stop']},
          {target: 'STOP_FAILED', actions: 'thenFail'},
        ],
        'plan.unknown': {target: 'STOP_FAILED', actions: 'thenFail'},
        'freeze': {target: 'FROZEN_START', actions: 'frozenAsStarted'},
        'freeze.stop': {target: 'STOPPING', actions: ['thenFreezeStopped', 'stop']},
        'declare': [{guard: 'declaredUp'}, {target: 'STOPPED'}],
      },
    },
    STOPPING: {
      on: {
        'plan.done': [
          {guard: 'frozen', target: 'FROZEN_STOP', actions: 'frozenAsStopped'},
          {guard: 'mustFail', target: 'START_FAILED'},
          {target: 'STOPPED', actions: 'rest'},
        ],
        'plan.failed': {target: 'STOP_FAILED'},
        'plan.unknown': {target: 'STOP_FAILED'},
        'freeze': {actions: 'thenFreezeStopped'},
        'freeze.stop': {actions: 'thenFreezeStopped'},
      },
    },
    START_FAILED: {
      entry: assign({failed: 'start', next: 'rest'}),
      on: {
        'clear': {target: 'STOPPED', actions: 'rest'},
        'stop': {target: 'STOPPED', actions: 'rest'},
        'freeze': {target: 'FROZEN_STOP', actions: 'frozenAsStopped'},
        'freeze.stop': {target: 'FROZEN_STOP', actions: 'frozenAsStopped'},
        'declare': [{guard: 'declaredUp', target: 'STARTED', actions: 'rest'}, {target: 'STOPPED'}],
      },
    },
    /** May still run here: no peer starts it, and nothing here but a stop or a person leaves it. */
    STOP_FAILED: {
      entry: assign({failed: 'stop'}),
      on: {
        'stop': {target: 'STOPPING', actions: 'stop'},
        'freeze': {actions: 'thenFreezeStopped'},
        'freeze.stop': {target: 'STOPPING', actions: ['thenFreezeStopped', 'stop']},
        'unfreeze': {actions: 'thaw'},
        'probe.done': {guard: 'probedDown', target: 'FOUND_STOPPED'},
        'clear': {guard: 'confirmed', target: 'FOUND_STOPPED', actions: 'thenRest'},
        'declare': [{guard: 'declaredUp', target: 'STARTED', actions: 'rest'}, {target: 'STOPPED'}],
      },
    },
    FOUND_STOPPED: {
      always: [
        {guard: 'frozen', target: 'FROZEN_STOP', actions: 'frozenAsStopped'},
        // It was a start that failed: stopped by now, it still is not to be started again by
        // itself.
        {guard: 'mustFail', target: 'START_FAILED'},
        {target: 'STOPPED', actions: 'rest'},
      ],
    },
    FROZEN_STOP: {
      on: {
        unfreeze: [
          {guard: 'probedUp', target: 'STARTED', actions: 'rest'},
          {guard: 'probedDown', target: 'STOPPED', actions: 'rest'},
          {target: 'UNKNOWN', actions: 'rest'},
        ],
        declare: {guard: 'declaredUp', target: 'FROZEN_START', actions: 'frozenAsStarted'},
      },
    },
    FROZEN_START: {
      on: {
        'unfreeze': [
          {guard: 'probedUp', target: 'STARTED', actions: 'rest'},
          {guard: 'probedDown', target: 'STOPPED', actions: 'rest'},
          {target: 'UNKNOWN', actions: 'rest'},
        ],
        'freeze.stop': {target: 'STOPPING', actions: ['thenFreezeStopped', 'stop']},
        'declare': [{guard: 'declaredUp'}, {target: 'FROZEN_STOP', actions: 'frozenAsStopped'}],
      },
    },
  },
});

export type ServiceActor = ActorRefFrom<typeof serviceMachine>;
export type ServiceSnapshot = SnapshotFrom<typeof serviceMachine>;

/** The state of a snapshot in the users' words (the passing states are never rested in). */
export function stateOf(snapshot: ServiceSnapshot): ServiceState {
  return snapshot.value as ServiceState;
}
