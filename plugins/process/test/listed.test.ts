import { expect, it } from 'vitest';
import { ListedProcesses } from '../src/listed.ts';

it('remembers what was listed last, for ten minutes', () => {
  let now = 0;
  const listed = new ListedProcesses(() => now);
  listed.remember(7, 100);
  listed.remember(7, 200);
  now = 600_000;
  expect(listed.startTicksOf(7)).toBe(200);
  expect(listed.startTicksOf(8)).toBeUndefined();
  now = 600_001;
  expect(listed.startTicksOf(7)).toBeUndefined();
});

it('forgets what was listed least recently', () => {
  const listed = new ListedProcesses(() => 0);
  for (let pid = 1; pid <= 16_384; pid++) listed.remember(pid, pid);
  listed.remember(1, 1);
  listed.remember(99_999, 1);
  expect(listed.startTicksOf(1)).toBe(1);
  expect(listed.startTicksOf(2)).toBeUndefined();
  expect(listed.startTicksOf(3)).toBe(3);
});
