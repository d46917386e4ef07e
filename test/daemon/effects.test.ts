import {beforeEach, describe, expect, test} from 'vitest';
import {dropEffect, performEffect} from '../../src/daemon/effects.ts';
import {createLog} from '../../src/daemon/log.ts';
import {Orders} from '../../src/daemon/orders.ts';
import {linkId, nodeName, serviceName} from '../../src/kernel/ids.ts';
import type {EffectPorts} from '../../src/daemon/effects.ts';
import type {OutwardEffect} from '../../src/daemon/executor.ts';
import type {ServiceConfig} from '../../src/config/types.ts';

const web = serviceName('web');
const cause = {reason: 'operator-order', detail: 'why'} as const;
const full = {code: 'HA_STORAGE_FULL', message: 'no space'};
const plan = (kind: 'start' | 'stop'): OutwardEffect => ({
  type: 'run-plan',
  plan: {id: `web/1/${kind}/1`, service: web, kind, epoch: 1, steps: [], budgetMs: 0},
});

let done: string[] = [];
let ports: EffectPorts;
beforeEach(() => {
  done = [];
  const orders = new Orders();
  orders.open({
    progress: (text) => done.push(`progress ${text}`),
    end: (answer) => done.push(`end ${answer.exit} ${answer.text}`),
  });
  ports = {
    log: createLog({
      level: 'info',
      node: 'n',
      out: {write: (line) => void done.push(`log ${String(JSON.parse(line).level)}`)},
      pretty: false,
    }),
    orders,
    runner: {
      run: ({id}) => void done.push(`run ${id}`),
      abort: (id) => done.push(`abort ${id}`) > 0,
      probe: () => Promise.reject(new Error('not asked here')),
      isQuiet: () => true,
      counts: () => ({running: 0, waiting: 0}),
      lookAhead: () => undefined,
      hold: () => undefined,
      release: () => undefined,
      close: () => Promise.resolve(),
    },
    media: {
      send: (link) => void done.push(`send ${link}`),
      writeSlot: (disk) => void done.push(`slot ${disk}`),
    },
    arbiter: {ask: (id) => void done.push(`ask ${id}`)},
    watchdog: {
      arm: ({device}) => void done.push(`arm ${device}`),
      feed: (untilMs) => void done.push(`feed ${untilMs}`),
      release: () => void done.push('release'),
    },
    fence: (target, attempt) => void done.push(`fence ${target} ${attempt}`),
    selfFence: (method) => void done.push(`fence ${method}`),
    service: () => ({}) as ServiceConfig,
    give: (input) => void done.push(`give ${JSON.stringify(input)}`),
    drain: () => void done.push('drain'),
    exit: (code) => void done.push(`exit ${code}`),
    changed: () => undefined,
  };
});

describe('an effect', () => {
  test.each<[OutwardEffect, readonly string[]]>([
    [{type: 'send', link: linkId('hb#1'), bytes: new Uint8Array()}, ['send hb#1']],
    [plan('start'), ['run web/1/start/1']],
    [{type: 'abort-plan', plan: 'p', service: web}, ['abort p']],
    [{type: 'drain'}, ['drain']],
    [{type: 'progress', id: 1, text: 'half'}, ['progress half']],
    [{type: 'reply', id: 1, answer: {exit: 0, text: 'ok', askNode: null}}, ['end 0 ok']],
    [{type: 'exit', code: 0}, ['exit 0']],
    [{type: 'notice', level: 'alarm', service: web, cause}, ['log error']],
    [{type: 'self-fence', cause, method: 'sysrq'}, ['log error', 'fence sysrq']],
    [{type: 'fence', node: nodeName('node2'), attempt: 3}, ['fence node2 3']],
    [{type: 'feed-watchdog', untilMs: 7}, ['feed 7']],
    [{type: 'release-watchdog'}, ['release']],
    [{type: 'ask-arbiter', id: 3, question: {kind: 'read'}}, ['ask 3']],
  ])('%j is carried out', (effect, expected) => {
    performEffect(effect, ports);
    expect(done).toEqual(expected);
  });
});

describe('without its record, an effect', () => {
  test('that starts something is not carried out, and the engine hears so', () => {
    dropEffect(plan('start'), full, ports);
    expect(done).toEqual([
      'give {"type":"plan-result","plan":"web/1/start/1","service":"web","outcome":' +
        '{"kind":"failed","clean":true,"detail":"not run: no space","durationMs":0}}',
    ]);
  });

  test('that switches a node off is not carried out, and the engine hears that it failed', () => {
    dropEffect({type: 'fence', node: nodeName('node2'), attempt: 3}, full, ports);
    expect(done).toEqual([
      'give {"type":"fence-result","node":"node2","attempt":3,"report":{"off":false,' +
        '"level":null,"detail":"not begun, because it could not be written down: no space",' +
        '"durationMs":0}}',
    ]);
  });

  test('that stops something is carried out all the same', () => {
    dropEffect(plan('stop'), full, ports);
    dropEffect({type: 'abort-plan', plan: 'p', service: web}, full, ports);
    expect(done).toEqual(['run web/1/stop/1', 'abort p']);
  });

  test('that ends the process, or wakes the engine, is carried out', () => {
    dropEffect({type: 'drain'}, full, ports);
    dropEffect({type: 'exit', code: 0}, full, ports);
    expect(done).toEqual(['drain', 'exit 0']);
  });

  test('that answers somebody says that nothing was done', () => {
    const answer = {exit: 0, text: 'frozen', askNode: null};
    dropEffect({type: 'reply', id: 1, answer}, full, ports);
    expect(done).toEqual([
      'end 1 nothing was done, because it could not be written down: no space',
    ]);
  });

  test('that speaks to the peers is left to the next beat', () => {
    dropEffect({type: 'send', link: linkId('hb#1'), bytes: new Uint8Array()}, full, ports);
    expect(done).toEqual([]);
  });
});
