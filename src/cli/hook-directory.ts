/**
 * Where the Python files of the FineCode hook are: they are shipped as they stand. Stands beside main.ts, so that the
 * path is the same in the bundle.
 */
import { join } from 'node:path';

/** Of the package this file is in, at dist/src/cli. */
export const hookDirectory: string = join(import.meta.dirname, '../../../src/hook/finecode');
