/** What a step of the story must show, each with what is seen instead. */

import {formatAge} from '../../kernel/duration.ts';
import type {ServiceState} from '../../kernel/words.ts';
import type {DemoNodeName} from './layout.ts';
import {instanceOf, peerOf, webServersIn, type Sight} from './sight.ts';

export interface Expectation {
  /** What should be so, as part of a sentence. */
  readonly what: string;
  readonly holds: (sight: Sight) => boolean;
  readonly seen: (sight: Sight) => string;
  /** Where the proof is more than the sentence: what to show beside it. */
  readonly shown?: (sight: Sight) => string;
}

/** The client's view: one node answers, or nobody. */
export function answers(node: DemoNodeName | null): Expectation {
  return {
    what: node === null ? 'nobody answers HTTP' : `HTTP is answered by ${node}`,
    holds: ({http}) => http.node === node,
    seen: ({http}) => `${http.node ?? 'nobody'} for ${formatAge(http.ageMs)}`,
    ...(node === null ? {} : {shown: silence}),
  };
}

function silence({http}: Sight): string {
  return http.silenceMs === 0 ? 'without a pause' : `after ${formatAge(http.silenceMs)} without`;
}

/** Not one question of this step went unanswered, and nobody else answered one. */
export function answersThroughout(node: DemoNodeName): Expectation {
  return {
    what: `every question was answered by ${node}`,
    holds: ({http}) => http.silenceMs === 0 && http.answered.join(' ') === node,
    seen: ({http}) => {
      const who = http.answered.join(' and ') || 'nobody';
      return `answers of ${who}, longest silence ${formatAge(http.silenceMs)}`;
    },
  };
}

/** The process table: the service runs on exactly this node, or nowhere. */
export function serverRuns(node: DemoNodeName | null): Expectation {
  const wanted = node ?? '';
  const pids = (sight: Sight): string =>
    webServersIn(sight)
      .map((name) => `${name}: pid ${sight.nodes[name].webPids.join(', ')}`)
      .join('; ');
  return {
    what: node === null ? 'no web server runs' : `one web server runs, that of ${node}`,
    holds: (sight) => webServersIn(sight).join(' ') === wanted,
    seen: (sight) => pids(sight) || 'none in the process table',
    ...(node === null ? {} : {shown: pids}),
  };
}

export function daemonRuns(node: DemoNodeName, runs: boolean): Expectation {
  const pids = (sight: Sight): string => `pid ${sight.nodes[node].daemonPids.join(', ')}`;
  return {
    what: runs ? `the daemon of ${node} runs` : `no daemon of ${node} is left`,
    holds: (sight) => sight.nodes[node].daemonPids.length > 0 === runs,
    seen: (sight) => (sight.nodes[node].daemonPids.length > 0 ? pids(sight) : 'no such process'),
    ...(runs ? {shown: pids} : {}),
  };
}

export function stateIs(node: DemoNodeName, state: ServiceState): Expectation {
  return {
    what: `${node} says ${state}`,
    holds: (sight) => instanceOf(sight.nodes[node])?.state === state,
    seen: (sight) => instanceOf(sight.nodes[node])?.state ?? 'no answer of its daemon',
  };
}

/** A state that may last only an instant: the journal has it. */
export function passedThrough(node: DemoNodeName, state: ServiceState): Expectation {
  return {
    what: `${node} went through ${state}`,
    holds: (sight) => sight.nodes[node].passed.includes(state),
    seen: (sight) => sight.nodes[node].passed.join(', ') || 'no change of state',
  };
}

export function peerIs(node: DemoNodeName, state: 'alive' | 'silent'): Expectation {
  const peer = node === 'node1' ? 'node2' : 'node1';
  return {
    what: `${node} sees ${peer} ${state}`,
    holds: (sight) => peerOf(sight.nodes[node])?.state === state,
    seen: (sight) => peerOf(sight.nodes[node])?.state ?? 'no answer of its daemon',
  };
}

/** The node gave this reason for not acting yet. */
export function waitedFor(node: DemoNodeName, reason: string, words: string): Expectation {
  return {
    what: `${node} waited for ${words}`,
    holds: (sight) => sight.nodes[node].waited.includes(reason),
    seen: (sight) => sight.nodes[node].waited.join(', ') || 'it waited for nothing',
  };
}
