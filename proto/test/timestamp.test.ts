import fc from 'fast-check';
import { expect, it } from 'vitest';
import { timestampMs, timestampOf } from '../src/timestamp.ts';

it('a time is seconds and nanoseconds of that second, before the epoch too', () => {
  expect(timestampOf(0)).toEqual({ seconds: 0, nanos: 0 });
  expect(timestampOf(1769337000123)).toEqual({ seconds: 1769337000, nanos: 123_000_000 });
  expect(timestampOf(-1)).toEqual({ seconds: -1, nanos: 999_000_000 });
  expect(timestampOf(1.5)).toEqual({ seconds: 0, nanos: 1_500_000 });
});

it('a fraction that rounds up to a whole second is one', () => {
  expect(timestampOf(1999.9999999)).toEqual({ seconds: 2, nanos: 0 });
});

it('any time is the same again, to what a number can hold', () => {
  fc.assert(
    fc.property(fc.double({ min: -8.64e15, max: 8.64e15, noNaN: true }), (ms) => {
      const timestamp = timestampOf(ms);
      expect(timestamp.nanos).toBeGreaterThanOrEqual(0);
      expect(timestamp.nanos).toBeLessThan(1e9);
      expect(Number.isInteger(timestamp.nanos)).toBe(true);
      expect(Math.abs(timestampMs(timestamp) - ms)).toBeLessThanOrEqual(
        Math.max(1e-6, Math.abs(ms) * 2 ** -52),
      );
    }),
  );
});
