import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'docs/examples/**/*.test.ts'],
    exclude: ['test/interop/**', 'test/bench/**', '**/node_modules/**'],
    pool: 'forks',
    testTimeout: 20_000,
  },
});
