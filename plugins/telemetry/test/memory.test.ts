import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type MemoryUsage, parseMemory } from '../src/linux/memory.ts';
import { MEMINFO_2_6_32, MEMINFO_6_8 } from './recorded.ts';

const KIB = 1024;

const parse = (text: string): MemoryUsage => parseMemory(Buffer.from(text));

test('takes what the kernel says is available', () => {
  expect(parse(MEMINFO_6_8)).toEqual({
    memoryTotalBytes: 4012340 * KIB,
    memoryUsedBytes: (4012340 - 2912424) * KIB,
    memoryAvailableBytes: 2912424 * KIB,
    swapTotalBytes: 0,
    swapUsedBytes: 0,
  });
});

test('estimates it for a kernel that does not say', () => {
  const available = 412180 + 201876 + 3921012 + 248120 - 14212;
  expect(parse(MEMINFO_2_6_32)).toEqual({
    memoryTotalBytes: 8059264 * KIB,
    memoryUsedBytes: (8059264 - available) * KIB,
    memoryAvailableBytes: available * KIB,
    swapTotalBytes: 4194296 * KIB,
    swapUsedBytes: (4194296 - 4001232) * KIB,
  });
});

test('leaves out what is not there, and does not call it zero', () => {
  expect(parse('MemTotal: 100 kB\n')).toEqual({ memoryTotalBytes: 100 * KIB });
  expect(() => parse('MemFree: 100 kB\n')).toThrow('MemTotal');
});

test('what is used and what is available are the total', () => {
  const amount = fc.bigInt({ min: 0n, max: 10n ** 20n });
  fc.assert(
    fc.property(amount, amount, amount, amount, (available, free, swap, swapFree) => {
      const memory = parse(
        `MemTotal: 1000 kB\nMemFree: ${free} kB\nMemAvailable: ${available} kB\n` +
          `SwapTotal: ${swap} kB\nSwapFree: ${swapFree} kB\n`,
      );
      const { memoryUsedBytes: used, memoryAvailableBytes: rest } = memory;
      if (used === undefined || rest === undefined) return;
      expect(used + rest).toBe(1000 * KIB);
      expect(Math.min(used, rest, memory.swapUsedBytes ?? 0)).toBeGreaterThanOrEqual(0);
    }),
  );
});
