import { expect, test } from 'vitest';
import { Allowance } from '../src/allowance.ts';

const MIB = 1024 * 1024;

test('so much may come at once, then only what time allows', () => {
  let now = 0;
  const allowance = new Allowance(8 * MIB, () => now);
  allowance.spend(8 * MIB);
  expect(allowance.debtMs).toBe(0);
  allowance.spend(2 * MIB);
  expect(allowance.debtMs).toBe(500);
  now = 500;
  allowance.spend(0);
  expect(allowance.debtMs).toBe(0);
});

test('what was asked for costs nothing, and idling saves up no more than the limit', () => {
  let now = 0;
  const allowance = new Allowance(MIB, () => now);
  for (let i = 0; i < 100; i++) {
    allowance.spend(MIB);
    allowance.giveBack(MIB);
  }
  expect(allowance.debtMs).toBe(0);
  now = 3_600_000;
  allowance.spend(2 * MIB);
  expect(allowance.debtMs).toBe(250);
});
