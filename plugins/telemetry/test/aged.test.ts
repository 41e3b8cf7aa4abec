import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Aged } from '../src/linux/aged.ts';

test('keeps a reading until it is too old', async () => {
  let readings = 0;
  const aged = new Aged(50, () => ++readings);
  expect(aged.get()).toBe(1);
  await pause(80);
  expect(aged.get()).toBe(2);
  const long = new Aged(60_000, () => ++readings);
  expect([long.get(), long.get()]).toEqual([3, 3]);
});

test('reads anew what was said to have changed', () => {
  let readings = 0;
  const aged = new Aged(60_000, () => ++readings);
  aged.get();
  aged.expire();
  expect(aged.get()).toBe(2);
});

test('keeps nothing of a reading that failed', () => {
  let broken = true;
  const aged = new Aged(60_000, () => {
    if (broken) throw new Error('EIO');
    return 'read';
  });
  expect(() => aged.get()).toThrow('EIO');
  broken = false;
  expect(aged.get()).toBe('read');
});
