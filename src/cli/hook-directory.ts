/**
 * Where the Python files of the FineCode hook are: they are shipped as they stand. Stands beside main.ts, so that the
 * path is the same in the bundle.
 */
import { fileURLToPath } from 'node:url';

/** Of the package this file is in, at dist/src/cli. */
export const hookDirectory: string = fileURLToPath(
  new URL('../../../src/hook/finecode', import.meta.url),
);
