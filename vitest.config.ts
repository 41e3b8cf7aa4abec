import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{proto,core}/test/**/*.test.ts', '{sdk,plugins}/*/test/**/*.test.ts'],
    testTimeout: 20_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
