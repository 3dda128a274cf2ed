import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'docs/examples/**/*.test.ts'],
    exclude: ['test/interop/**', 'test/bench/**', '**/node_modules/**'],
    pool: 'forks',
    // One for each core: many tests wait for processes. The default leaves one core out, which on two is half.
    maxWorkers: '100%',
    testTimeout: 20_000,
  },
});
