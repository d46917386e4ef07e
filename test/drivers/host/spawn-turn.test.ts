import {expect, test} from 'vitest';
import {spawnTurn} from '../../../src/drivers/host/spawn-turn.ts';

test('no two spawns share a turn of the loop, however many wait', async () => {
  let turn = 0;
  let isOver = false;
  const count = (): void => {
    turn += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const turns = await Promise.all(Array.from({length: 100}, () => spawnTurn().then(() => turn)));
  isOver = true;
  expect(new Set(turns).size).toBe(100);
  expect(turns).toEqual(turns.toSorted((a, b) => a - b));
});
