import { defineConfig } from 'vitest/config';

// Limits are for what hangs: on a machine that does much else everything takes its time.
const shared = {
  pool: 'forks',
  maxWorkers: 2,
  testTimeout: 60_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 20_000 } },
} as const;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: [
            '{proto,core}/test/**/*.test.ts',
            '{sdk,plugins}/*/test/**/*.test.ts',
            'test/{bench,scripts}/**/*.test.ts',
          ],
        },
      },
      { test: { ...shared, name: 'e2e', include: ['test/e2e/**/*.test.ts'] } },
      {
        // Measures memory and latency: one at a time, with nothing beside it.
        test: {
          ...shared,
          name: 'slow',
          include: ['test/slow/**/*.test.ts', 'packaging/test/**/*.test.ts'],
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: 300_000,
        },
      },
      {
        // Each file in virtual machines of its own.
        test: {
          ...shared,
          name: 'vm',
          include: ['test/vm/**/*.test.ts'],
          setupFiles: ['test/vm/support/report-failure.ts'],
          // Much of a suite is waiting for the guest, so two share two cores well.
          maxWorkers: 2,
          // Of an emulated machine that stood still for once; what failed first is reported.
          retry: 1,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
