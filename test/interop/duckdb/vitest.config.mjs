import { fileURLToPath } from 'node:url';

// oxlint-disable-next-line import/no-default-export -- Vitest asks for it.
export default {
  root: fileURLToPath(new URL('../../../', import.meta.url)),
  test: {
    include: ['test/interop/duckdb/*.test.mjs'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
};
