import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inTurns } from '../src/turns.ts';

function busy(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test('others have their turn while much is done', async () => {
  const done: number[] = [];
  let turnsOfOthers = 0;
  let over = false;
  const others = (async () => {
    while (!over) {
      await setImmediate();
      turnsOfOthers++;
    }
  })();
  await inTurns([1, 2, 3, 4, 5, 6, 7, 8], (item) => {
    busy(5);
    done.push(item);
  });
  over = true;
  await others;
  expect(done).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(turnsOfOthers).toBeGreaterThanOrEqual(7);
});

test('what fails ends it', async () => {
  const done: number[] = [];
  const work = inTurns([1, 2, 3], (item) => {
    if (item === 2) throw new Error('no more');
    done.push(item);
  });
  await expect(work).rejects.toThrow('no more');
  expect(done).toEqual([1]);
});
