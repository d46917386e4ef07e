import {describe, expect, it} from 'vitest';
import {answerPlan} from '../../src/daemon/plan-answer.ts';
import type {FenceConfig} from '../../src/config/types.ts';
import type {Driver} from '../../src/failover/types.ts';
import {appResource, serviceOf} from '../drivers/scripts.ts';
import {service} from '../status/views.ts';
import type {Command} from '../../src/engine/types.ts';
import {nodeName, resourceId, serviceName} from '../../src/kernel/ids.ts';

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
    selection: null,
    fences,
    config: undefined,
    service: undefined,
    driverFor: () => {
      throw new Error('no driver is asked for a command without a service');
    },
  });

describe('a dry run of a part of a service', () => {
  const rid = resourceId('app#2');
  const config = serviceOf([appResource(), appResource({rid})]);
  const whole = {rid: null, tags: null, subset: null, upto: null, downto: null};
  const askPart = (verb: 'start' | 'stop', words: string) =>
    answerPlan({
      node,
      command: {verb, service: config.name},
      selection: {...whole, rid: words},
      fences: [],
      config,
      service: service(config.name),
      driverFor: () =>
        ({
          describe: ({rid: own}, action) => [`/bin/do ${action} ${own}`],
        }) as Partial<Driver> as Driver,
    });

  it('prints the exact commands of that part alone, whatever the rest of it does', () => {
    const {exit, text} = askPart('stop', 'app#2');
    expect(exit).toBe(0);
    expect(text.split('\n').slice(1)).toEqual([
      expect.stringMatching(/^stop web: epoch \d+, 1 step, at most /),
      expect.stringMatching(/^ {2}1\. stop app#2 within /),
      '     app#2: /bin/do stop app#2',
    ]);
  });

  it('says what it has where a word names nothing', () => {
    const {exit, text} = askPart('start', 'fs#1');
    expect(exit).toBe(1);
    expect(text).toContain('expected a part of the service, found none for fs#1');
    expect(text).toContain('It has: app#1 app#2.');
  });
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
