/** A reader in Python, written from docs/format.md, says the same of every golden stream. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { can } from './support/child.js';
import { writerId } from './support/golden.js';

const golden = fileURLToPath(new URL('../golden/wal', import.meta.url));
const reader = fileURLToPath(new URL('../interop/wal/read.py', import.meta.url));

describe.skipIf(!can('the reader in another language', 'python3', '-c', ''))('in Python', () => {
  for (const name of readdirSync(golden)) {
    it(`the golden stream is read as expected: ${name}`, () => {
      const said: unknown = JSON.parse(
        execFileSync('python3', [reader, join(golden, name), writerId], { encoding: 'utf8' }),
      );
      const expected: unknown = JSON.parse(
        readFileSync(join(golden, name, 'expected.json'), 'utf8'),
      );
      expect(said).toEqual(expected);
    });
  }
});
