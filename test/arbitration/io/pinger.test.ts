import {describe, expect, it, onTestFinished} from 'vitest';
import {openEcho, type Answer, type EchoPort} from '../../../src/arbitration/io/echo-port.ts';
import {Pinger, type PingRound} from '../../../src/arbitration/io/pinger.ts';
import type {PingConfig} from '../../../src/config/types.ts';

const config: PingConfig = {
  targets: ['127.0.0.2', '127.0.0.3'],
  needed: 1,
  intervalMs: 50,
  place: {file: 'cluster.conf', line: 1},
};

/** Reports until `isEnough`; a round that never comes ends at the limit of the test. */
async function collect(
  isEnough: (rounds: readonly PingRound[]) => boolean,
  change: {open?: () => Promise<EchoPort>; config?: PingConfig; nowMs?: () => number} = {},
): Promise<readonly PingRound[]> {
  const rounds: PingRound[] = [];
  return new Promise((resolve) => {
    const pinger = new Pinger({
      report: (round) => {
        rounds.push(round);
        if (isEnough(rounds)) resolve(rounds);
      },
      nowMs: change.nowMs ?? (() => performance.now()),
      ...(change.open === undefined ? {} : {open: change.open}),
    });
    onTestFinished(() => pinger.close());
    pinger.apply(change.config ?? config);
  });
}

const answered = (rounds: readonly PingRound[]): ReadonlySet<string> =>
  new Set(rounds.flatMap(({answers}) => answers.map(({target}) => target)));

describe.runIf(process.getuid?.() === 0)('a raw socket', () => {
  it('hears each target that answers', async () => {
    const rounds = await collect((seen) => answered(seen).size === 2);
    expect(rounds.map(({fault}) => fault)).not.toContain(expect.anything());
  });

  it('does not take the answers to another socket for its own', async () => {
    const [ours, other] = [await openEcho(50), await openEcho(50)];
    onTestFinished(() => [ours, other].forEach((port) => port.close()));
    other.ask('127.0.0.2', 1);
    ours.ask('127.0.0.3', 2);
    const heard: Answer[] = [];
    while (heard.length === 0) {
      await new Promise((resolve) => {
        setTimeout(resolve, 5);
      });
      heard.push(...ours.take());
    }
    expect(heard).toEqual([{target: '127.0.0.3', sequence: 2}]);
  });
});

describe('a pinger', () => {
  /** Answers each question only once `lateBy` further ones were asked. */
  const late = (lateBy: number): (() => Promise<EchoPort>) => {
    const asked: Answer[] = [];
    return async () => ({
      ask: (target, sequence) => {
        asked.push({target, sequence});
        return null;
      },
      take: () => asked.splice(0, Math.max(0, asked.length - lateBy)),
      close: () => undefined,
    });
  };
  const one: PingConfig = {...config, targets: ['127.0.0.2']};

  it('dates an answer by its question', async () => {
    let nowMs = 0;
    const clock = (): number => (nowMs += 100);
    const rounds = await collect((seen) => seen.length === 4, {
      open: late(1),
      config: one,
      nowMs: clock,
    });
    expect(rounds.map(({answers}) => answers.map(({askedMs}) => askedMs))).toEqual([
      [],
      [],
      [100],
      [200],
    ]);
  });

  it('drops what answers a question of long ago', async () => {
    const rounds = await collect((seen) => seen.length === 14, {open: late(10), config: one});
    expect(answered(rounds).size).toBe(0);
  });

  it('says why a target cannot be asked', async () => {
    const open = async (): Promise<EchoPort> => ({
      ask: () => 'errno 101',
      take: () => [],
      close: () => undefined,
    });
    const rounds = await collect((seen) => seen.length === 1, {open});
    expect(rounds[0]?.fault).toBe('127.0.0.2: errno 101');
  });
});
