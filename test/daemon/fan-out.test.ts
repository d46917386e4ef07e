import {describe, expect, test} from 'vitest';
import {fanOutOf, mergeAnswers} from '../../src/daemon/fan-out.ts';
import {nodeName, serviceName} from '../../src/kernel/ids.ts';
import type {Command} from '../../src/engine/types.ts';
import type {EngineView, NodeState} from '../../src/engine/view.ts';

const web = serviceName('web');
const freeze = {by: '', why: '', since: '', untilMs: null, until: null};

/** `node1=alive:STARTED`: the first one is this node. */
function view(...nodes: readonly string[]): EngineView {
  const parts = nodes.map((text) => {
    const [, name = '', state = '', service = ''] = /^(\w+)=(\w+):(\w+)$/.exec(text) ?? [];
    return {name: nodeName(name), state: state as NodeState, service};
  });
  return {
    node: parts[0]!.name,
    nodes: parts.map(({name, state}) => ({name, state})),
    services: [
      {
        name: web,
        nodes: parts.map((part) => part.name),
        instances: parts.map((part) => ({node: part.name, state: part.service})),
      },
    ],
  } as unknown as EngineView;
}

const show = (command: Command, ...nodes: readonly string[]): string => {
  const all = fanOutOf(command, view(...nodes));
  if (all === null) return 'here';
  const groups = all.groups.map((group) => group.join(' ')).join(' | ');
  return [groups, ...all.missed.map(({node, state}) => `not ${node} ${state}`)].join(', ');
};

const scope = {kind: 'service', service: web} as const;

describe('an order', () => {
  test.each<[string, Command, readonly string[], string]>([
    [
      'freeze goes everywhere',
      {verb: 'freeze', scope, freeze},
      ['a=alive:STARTED', 'b=degraded:STOPPED'],
      'a b',
    ],
    [
      'unfreeze names who is not there',
      {verb: 'unfreeze', scope},
      ['a=alive:STOPPED', 'b=silent:UNKNOWN'],
      'a, not b silent',
    ],
    [
      'freeze of a node stays there',
      {verb: 'freeze', scope: {kind: 'node'}, freeze},
      ['a=alive:STOPPED', 'b=alive:STOPPED'],
      'here',
    ],
    [
      'freeze of the cluster goes everywhere',
      {verb: 'freeze', scope: {kind: 'cluster'}, freeze},
      ['a=alive:STOPPED', 'b=alive:STOPPED'],
      'a b',
    ],
    [
      'stop ends where it runs',
      {verb: 'stop', service: web},
      ['a=alive:STARTED', 'b=alive:STOPPED', 'c=alive:STOPPED'],
      'b c | a',
    ],
    [
      'stop of what runs nowhere has one round',
      {verb: 'stop', service: web},
      ['a=alive:STOPPED', 'b=alive:STOPPED'],
      'a b',
    ],
    [
      'start stays here',
      {verb: 'start', service: web},
      ['a=alive:STOPPED', 'b=alive:STOPPED'],
      'here',
    ],
    [
      'freeze of an unknown service stays here',
      {verb: 'unfreeze', scope: {kind: 'service', service: serviceName('x')}},
      ['a=alive:STOPPED', 'b=alive:STOPPED'],
      'here',
    ],
  ])('%s', (_name, command, nodes, expected) => {
    expect(show(command, ...nodes)).toBe(expected);
  });
});

describe('answers of many nodes', () => {
  const a = nodeName('a1');
  const b = nodeName('b1');
  test.each([
    ['are done when all are', [0, 0], 0],
    ['fail with the first that failed', [0, 6], 6],
    ['run on when one does', [0, 75], 75],
    ['fail rather than run on', [75, 1], 1],
  ])('%s', (_name, [first, second], exit) => {
    const answers = [
      {node: a, exit: first!, text: 'done on a1'},
      {node: b, exit: second!, text: 'so so'},
    ];
    expect(mergeAnswers(answers, [])).toEqual({exit, text: 'done on a1\nb1: so so'});
  });
});
