import {describe, expect, it} from 'vitest';
import {answerPlan} from '../../src/daemon/plan-answer.ts';
import type {FenceConfig} from '../../src/config/types.ts';
import type {Command} from '../../src/engine/types.ts';
import {nodeName, serviceName} from '../../src/kernel/ids.ts';

const node = nodeName('node1');
const freeze = {by: '', why: '', since: '', untilMs: null, until: null};
const fences: readonly FenceConfig[] = [
  {
    node: nodeName('node2'),
    level: 1,
    method: {
      kind: 'agent',
      agent: 'fence_ipmilan',
      parameters: new Map([['passwd', 'hidden']]),
      passwordFile: null,
    },
    action: 'reboot',
    timeoutMs: 20_000,
    retries: 1,
    delayMs: null,
    place: {file: 'cluster.conf', line: 1},
  },
];
const ask = (command: Command) =>
  answerPlan({
    node,
    command,
    fences,
    config: undefined,
    service: undefined,
    driverFor: () => {
      throw new Error('no driver is asked for a command without a service');
    },
  });

describe('a dry run of a command that names no service', () => {
  it.each([
    [{verb: 'confirm-dead', node: nodeName('node2')}, /would start at once/],
    [{verb: 'shutdown', keep: false, keepMs: 0}, /runs here would be stopped/],
    [{verb: 'shutdown', keep: true, keepMs: 1}, /leave its services running/],
    [{verb: 'drain', freeze}, /another node can take would be stopped/],
    [
      {verb: 'fence', node: nodeName('node2')},
      /level 1: fence_ipmilan: off, then status, then on; 2 times at most, 20s each$/,
    ],
    [{verb: 'fence', node: nodeName('node3')}, /no section \[fence#node3\]/],
    [{verb: 'undrain'}, /no script would be called/],
  ] as const)('%o says what it sets off', (command, text) => {
    expect(ask(command)).toMatchObject({exit: 0, text: expect.stringMatching(text)});
  });

  it('of a service that does not exist says so', () => {
    const answer = ask({verb: 'start', service: serviceName('none')});
    expect(answer).toMatchObject({exit: 5, text: 'no service is called none'});
  });
});
