import {describe, expect, it} from 'vitest';
import {createActor, initialTransition, transition} from 'xstate';
import {getShortestPaths} from 'xstate/graph';
import {serviceMachine, stateOf} from '../../src/fsm/service-machine.ts';
import type {ServiceInput} from '../../src/fsm/service-machine.ts';
import type {ServiceEvent} from '../../src/fsm/types.ts';
import {serviceStates} from '../../src/kernel/words.ts';
import type {Cause, ServiceState} from '../../src/kernel/words.ts';

const why: Cause = {reason: 'operator-order', detail: 'a test'};

/** Events by a short name, so that a path reads as a sentence. */
const events = {
  'up': {type: 'probe.done', probed: 'up', cause: why},
  'down': {type: 'probe.done', probed: 'down', cause: why},
  'mixed': {type: 'probe.done', probed: 'unknown', cause: why},
  'ready': {type: 'ready', cause: why},
  'yield': {type: 'yield', cause: why},
  'go': {type: 'go', epoch: 1, cause: why},
  'stop': {type: 'stop', failed: false, cause: why},
  'die': {type: 'stop', failed: true, cause: why},
  'done': {type: 'plan.done', cause: why},
  'failed-clean': {type: 'plan.failed', clean: true, cause: why},
  'failed-dirty': {type: 'plan.failed', clean: false, cause: why},
  'unknown': {type: 'plan.unknown', cause: why},
  'freeze': {type: 'freeze', cause: why},
  'freeze.stop': {type: 'freeze.stop', cause: why},
  'unfreeze-up': {type: 'unfreeze', probed: 'up', cause: why},
  'unfreeze-down': {type: 'unfreeze', probed: 'down', cause: why},
  'unfreeze-unknown': {type: 'unfreeze', probed: 'unknown', cause: why},
  'clear': {type: 'clear', confirmStopped: false, cause: why},
  'clear-confirmed': {type: 'clear', confirmStopped: true, cause: why},
  'declare-up': {type: 'declare', running: true, cause: why},
  'declare-down': {type: 'declare', running: false, cause: why},
} as const satisfies Record<string, ServiceEvent>;
type Name = keyof typeof events;

const fresh: ServiceInput = {frozen: null, failed: null};

function walk(names: readonly Name[], input: ServiceInput = fresh) {
  let [snapshot, actions] = initialTransition(serviceMachine, input);
  const intents: string[] = [];
  for (const name of names) {
    [snapshot, actions] = transition(serviceMachine, snapshot, events[name]);
    for (const action of actions) {
      const {event} = action.params as {event?: {type: string}};
      if ((action.type as string) === 'xstate.emit' && event !== undefined)
        intents.push(event.type);
    }
  }
  return {state: stateOf(snapshot), snapshot, intents};
}

/** The shortest way into each state, as the story of an ordinary day would go. */
const ways: Readonly<Record<ServiceState, readonly Name[]>> = {
  UNKNOWN: [],
  STOPPED: ['down'],
  START_READY: ['down', 'ready'],
  STARTING: ['down', 'ready', 'go'],
  STARTED: ['down', 'ready', 'go', 'done'],
  STOPPING: ['down', 'ready', 'go', 'done', 'stop'],
  START_FAILED: ['down', 'ready', 'go', 'failed-clean'],
  STOP_FAILED: ['down', 'ready', 'go', 'done', 'stop', 'failed-dirty'],
  FROZEN_STOP: ['down', 'freeze'],
  FROZEN_START: ['down', 'ready', 'go', 'done', 'freeze'],
};

/** Every arrow there is. What is absent is ignored, which the test checks as well. */
const arrows: Readonly<Record<ServiceState, Partial<Record<Name, ServiceState>>>> = {
  UNKNOWN: {
    'up': 'STARTED',
    'down': 'STOPPED',
    'go': 'STARTING',
    'stop': 'STOPPING',
    'die': 'STOPPING',
    'freeze.stop': 'STOPPING',
    'declare-up': 'STARTED',
    'declare-down': 'STOPPED',
    'clear-confirmed': 'STOPPED',
  },
  STOPPED: {
    'ready': 'START_READY',
    'up': 'STARTED',
    'freeze': 'FROZEN_STOP',
    'freeze.stop': 'FROZEN_STOP',
    'declare-up': 'STARTED',
  },
  START_READY: {
    'go': 'STARTING',
    'yield': 'STOPPED',
    'stop': 'STOPPED',
    'die': 'STOPPED',
    'freeze': 'FROZEN_STOP',
    'freeze.stop': 'FROZEN_STOP',
  },
  STARTING: {
    'done': 'STARTED',
    'failed-clean': 'START_FAILED',
    'failed-dirty': 'STOP_FAILED',
    'unknown': 'STOP_FAILED',
  },
  STARTED: {
    'stop': 'STOPPING',
    'die': 'STOPPING',
    'failed-clean': 'STOPPING',
    'failed-dirty': 'STOP_FAILED',
    'unknown': 'STOP_FAILED',
    'freeze': 'FROZEN_START',
    'freeze.stop': 'STOPPING',
    'declare-down': 'STOPPED',
  },
  STOPPING: {
    'done': 'STOPPED',
    'failed-clean': 'STOP_FAILED',
    'failed-dirty': 'STOP_FAILED',
    'unknown': 'STOP_FAILED',
  },
  START_FAILED: {
    'clear': 'STOPPED',
    'clear-confirmed': 'STOPPED',
    'stop': 'STOPPED',
    'die': 'STOPPED',
    'freeze': 'FROZEN_STOP',
    'freeze.stop': 'FROZEN_STOP',
    'declare-up': 'STARTED',
    'declare-down': 'STOPPED',
  },
  STOP_FAILED: {
    'stop': 'STOPPING',
    'die': 'STOPPING',
    'freeze.stop': 'STOPPING',
    'down': 'STOPPED',
    'clear-confirmed': 'STOPPED',
    'declare-up': 'STARTED',
    'declare-down': 'STOPPED',
  },
  FROZEN_STOP: {
    'unfreeze-up': 'STARTED',
    'unfreeze-down': 'STOPPED',
    'unfreeze-unknown': 'UNKNOWN',
    'declare-up': 'FROZEN_START',
  },
  FROZEN_START: {
    'declare-down': 'FROZEN_STOP',
    'unfreeze-up': 'STARTED',
    'unfreeze-down': 'STOPPED',
    'unfreeze-unknown': 'UNKNOWN',
    'freeze.stop': 'STOPPING',
  },
};

const table = serviceStates.flatMap((from) =>
  (Object.keys(events) as Name[]).map((name) => [from, name, arrows[from][name] ?? from] as const),
);

describe('the service machine', () => {
  it.each(table)('%s on %s is %s', (from, name, to) => {
    expect(walk(ways[from]).state).toBe(from);
    expect(walk([...ways[from], name]).state).toBe(to);
  });

  it.each([
    ['believes a probe, not a memory', ['up'], fresh, 'STARTED'],
    ['keeps a freeze over a restart', ['down'], {frozen: 'stop', failed: null}, 'FROZEN_STOP'],
    [
      'shows a frozen service that runs as FROZEN_START',
      ['up'],
      {frozen: 'stop', failed: null},
      'FROZEN_START',
    ],
    [
      'shows a frozen service that does not run as FROZEN_STOP',
      ['down'],
      {frozen: 'start', failed: null},
      'FROZEN_STOP',
    ],
    [
      'does not call a service stopped that gives no clear answer, frozen or not',
      ['mixed'],
      {frozen: 'stop', failed: null},
      'UNKNOWN',
    ],
    ['remembers a failed start', ['down'], {frozen: null, failed: 'start'}, 'START_FAILED'],
    [
      'forgets a failed stop once the probe says down',
      ['down'],
      {frozen: null, failed: 'stop'},
      'STOPPED',
    ],
    [
      'keeps a failed stop while the probe is unclear',
      ['mixed'],
      {frozen: null, failed: 'stop'},
      'STOP_FAILED',
    ],
    [
      'keeps a failed stop of a frozen service too',
      ['mixed'],
      {frozen: 'stop', failed: 'stop'},
      'STOP_FAILED',
    ],
    ['stays UNKNOWN while the probe is unclear', ['mixed'], fresh, 'UNKNOWN'],
  ] as const)('at daemon start it %s', (_title, names, input, state) => {
    expect(walk(names, input).state).toBe(state);
  });

  it.each([
    ['clear-confirmed', 'FROZEN_STOP'],
    ['declare-down', 'FROZEN_STOP'],
    ['declare-up', 'FROZEN_START'],
  ] as const)('a freeze outlives %s on what gave no clear answer', (name, state) => {
    expect(walk(['mixed', name], {frozen: 'stop', failed: null}).state).toBe(state);
    expect(walk([name], {frozen: 'start', failed: 'start'}).state).toBe(state);
  });

  it('orders a start only on go and a stop only on leaving STARTED', () => {
    const {intents} = walk(['down', 'ready', 'go', 'done', 'stop', 'done']);
    expect(intents).toEqual(['start', 'stop']);
  });

  it.each([
    ['a stop while starting stops once the start is over', ['stop', 'done'], 'STOPPING'],
    ['a stop while starting that is undone rests in STOPPED', ['stop', 'failed-clean'], 'STOPPED'],
    ['a freeze while starting takes effect at rest', ['freeze', 'done'], 'FROZEN_START'],
    ['a freeze-stop while starting stops it', ['freeze.stop', 'done', 'done'], 'FROZEN_STOP'],
    ['a freeze-stop while starting that is undone', ['freeze.stop', 'failed-clean'], 'FROZEN_STOP'],
  ] as const)('%s', (_title, names, state) => {
    expect(walk([...ways.STARTING, ...names]).state).toBe(state);
  });

  it('a service that died under us rests in START_FAILED, so that a peer starts it', () => {
    expect(walk([...ways.STARTED, 'die', 'done']).state).toBe('START_FAILED');
  });

  it.each([
    ['a start that left something is START_FAILED once that is gone', ['down'], 'START_FAILED'],
    ['stopped by order it stays START_FAILED', ['stop', 'done'], 'START_FAILED'],
    ['an operator who says that it is stopped clears it', ['clear-confirmed'], 'STOPPED'],
  ] as const)('%s', (_title, names, state) => {
    expect(walk([...ways.STARTING, 'failed-dirty', ...names]).state).toBe(state);
  });

  it.each([
    ['up', 'FROZEN_START'],
    ['down', 'FROZEN_STOP'],
    ['mixed', 'FROZEN_START'],
  ] as const)('frozen before its first probe, found %s, it is %s', (found, state) => {
    expect(walk(['freeze']).state).toBe('UNKNOWN');
    expect(walk(['freeze', found]).state).toBe(state);
    expect(walk(['freeze', 'unfreeze-up', 'down']).state).toBe('STOPPED');
  });

  it('a freeze on a failed stop is remembered until it is stopped', () => {
    expect(walk([...ways.STOP_FAILED, 'freeze', 'stop', 'done']).state).toBe('FROZEN_STOP');
  });

  it('an event that does not fit leaves the very same snapshot', () => {
    const actor = createActor(serviceMachine, {input: fresh}).start();
    actor.send(events.down);
    const before = actor.getSnapshot();
    actor.send(events.done);
    expect(actor.getSnapshot()).toBe(before);
  });

  it('reaches every state and never rests anywhere else', () => {
    const paths = getShortestPaths(serviceMachine, {
      input: fresh,
      events: Object.values(events),
    });
    const reached = new Set(paths.map((path) => stateOf(path.state)));
    expect([...reached].sort()).toEqual([...serviceStates].sort());
  });
});
