/** The story: a takeover on proof, and the way home. Each step says what, why, and its proof. */

import {
  answers,
  answersThroughout,
  daemonRuns,
  passedThrough,
  peerIs,
  serverRuns,
  stateIs,
  waitedFor,
  type Expectation,
} from './expect.ts';
import type {World} from './world.ts';

export interface Step {
  readonly title: string;
  /** One or two sentences for a person who sees it for the first time. */
  readonly why: string;
  /** null: it follows from the step before by time alone. */
  readonly act: ((world: World) => Promise<void>) | null;
  /** All of them must hold in one look. */
  readonly expected: readonly Expectation[];
  readonly withinMs: number;
}

/** Generous: a busy machine is slow, not wrong. */
const actionMs = 15_000;

export const story: readonly Step[] = [
  {
    title: 'two daemons start, the service frozen on both',
    why: 'Frozen means that nothing moves before a person says so.',
    act: async (world) => {
      for (const name of ['node1', 'node2'] as const) {
        await world.startDaemon(name);
        await world.freezeStop(name);
      }
    },
    expected: [
      daemonRuns('node1', true),
      daemonRuns('node2', true),
      peerIs('node1', 'alive'),
      peerIs('node2', 'alive'),
      stateIs('node1', 'FROZEN_STOP'),
      stateIs('node2', 'FROZEN_STOP'),
      serverRuns(null),
      answers(null),
    ],
    withinMs: actionMs,
  },
  {
    title: 'ha unfreeze web on node1: it starts there',
    why:
      'node1 may start it: node2 is alive and says that it does not run it. START_READY is ' +
      'the moment in which a better placed node could still object.',
    act: (world) => world.ha('node1', ['unfreeze', 'web', '--node', 'node1']),
    expected: [
      passedThrough('node1', 'START_READY'),
      stateIs('node1', 'STARTED'),
      serverRuns('node1'),
      answers('node1'),
    ],
    withinMs: actionMs,
  },
  {
    title: 'ha unfreeze web on node2: it stands by',
    why: 'node1 runs it, so node2 rests in STOPPED, ready to take over.',
    act: (world) => world.ha('node2', ['unfreeze', 'web', '--node', 'node2']),
    expected: [
      stateIs('node2', 'STOPPED'),
      stateIs('node1', 'STARTED'),
      serverRuns('node1'),
      answersThroughout('node1'),
    ],
    withinMs: actionMs,
  },
  {
    title: 'kill -9: node1 and its service are gone',
    why:
      'The daemon of node1 with its children and the web server die at once, without a ' +
      'word: what a power failure looks like to node2.',
    act: (world) => world.killNode('node1'),
    expected: [daemonRuns('node1', false), serverRuns(null), answers(null)],
    withinMs: actionMs,
  },
  {
    title: 'silence: node2 hears nothing any more',
    why:
      'No beat on two networks, no change on the disk. But a node that is only cut off ' +
      'looks the same, so silence is no proof, and node2 does nothing yet.',
    act: null,
    expected: [peerIs('node2', 'silent'), serverRuns(null)],
    withinMs: actionMs,
  },
  {
    title: 'proof: node2 waits until the disk lease has run out',
    why:
      'node1 had promised to stop the service itself when it can not renew its lease on the ' +
      'disk. Once that time is over, it does not run there, dead or cut off.',
    act: null,
    expected: [waitedFor('node2', 'disk-wait', 'the disk lease of node1')],
    withinMs: actionMs,
  },
  {
    title: 'takeover: the service runs on node2',
    why:
      'The lease is over, and that is the proof. node2 writes the decision to its journal ' +
      'first, then starts the service.',
    act: null,
    expected: [
      passedThrough('node2', 'START_READY'),
      stateIs('node2', 'STARTED'),
      serverRuns('node2'),
      answers('node2'),
    ],
    withinMs: 2 * actionMs,
  },
  {
    title: 'node1 comes back and leaves the service where it is',
    why:
      'Its daemon believes no file: it looks at the resources, hears that node2 runs the ' +
      'service, and rests in STOPPED.',
    act: (world) => world.startDaemon('node1'),
    expected: [
      peerIs('node1', 'alive'),
      peerIs('node2', 'alive'),
      stateIs('node1', 'STOPPED'),
      stateIs('node2', 'STARTED'),
      serverRuns('node2'),
      answersThroughout('node2'),
    ],
    withinMs: actionMs,
  },
  {
    title: 'ha switch web --to node1: home again',
    why:
      'Both nodes are there, so node2 stops it first, confirms that it is down, and hands ' +
      'it over by name.',
    act: (world) => world.ha('node2', ['switch', 'web', '--to', 'node1']),
    expected: [
      stateIs('node1', 'STARTED'),
      stateIs('node2', 'STOPPED'),
      serverRuns('node1'),
      answers('node1'),
    ],
    withinMs: 2 * actionMs,
  },
];
