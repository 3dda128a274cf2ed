/**
 * The checks that matter most, and for each the mistake it must find: the built WAL is copied, changed in one place,
 * and the same check that is green on the real one must turn red.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import * as wal from '../../src/wal/index.js';
import { checks } from './support/checks.js';
import type { Wal } from './support/judge.js';

const built = fileURLToPath(new URL('../../dist', import.meta.url));
const copies: string[] = [];

afterAll(() => {
  for (const copy of copies) rmSync(copy, { recursive: true });
});

async function mutant(file: string, from: RegExp, to: string): Promise<Wal> {
  const copy = mkdtempSync(join(built, 'mutant-'));
  copies.push(copy);
  for (const part of ['context', 'wal']) {
    cpSync(join(built, 'src', part), join(copy, part), { recursive: true });
  }
  const path = join(copy, 'wal', file);
  const text = readFileSync(path, 'utf8');
  const changed = text.replace(from, to);
  if (changed === text) throw new Error(`${file} has nothing that matches ${from}`);
  writeFileSync(path, changed);
  return (await import(pathToFileURL(join(copy, 'wal', 'index.js')).href)) as Wal;
}

const mutants = [
  {
    mistake: 'acknowledges before the datasync',
    file: 'append/commit-queue.js',
    from: /const batch = this\.#pending\.take\(\);/,
    to: "const batch = this.#pending.take(); batch.settle('durable', 1);",
    check: 'says durable only after the datasync',
  },
  {
    mistake: 'syncs no directory',
    file: 'disk/new-file.js',
    from: /fs\.syncDirectory\(holder\);/g,
    to: '',
    check: 'keeps the first acknowledged records of a new root',
  },
  {
    mistake: 'syncs the same file again after EIO',
    file: 'segment/writer.js',
    from: /return this\.#failOver\(lines, error\);/,
    to: `const segment = this.#current();
      const assembled = this.#assemble(lines);
      this.#options.executor.run(segment.write(new Uint8Array(0), sync));
      return this.#wrote(segment, lines, assembled, sync);`,
    check: 'keeps what was acknowledged after a datasync failed',
  },
  {
    mistake: 'writes only the last flush into the file after a failed one',
    file: 'segment/writer.js',
    from: /\[\.\.\.unsynced, \.\.\.lines\.bodies\(\)\]/,
    to: '[...lines.bodies()]',
    check: 'keeps what was unsynced when a datasync failed',
  },
  {
    mistake: 'rotates before everything is durable',
    file: 'segment/writer.js',
    from: /if \(this\.#chain\.unsynced\.length > 0\)\s+await this\.flush\(this\.#linesOf\(\[\]\), true\);\s+const old/,
    to: 'const old',
    check: 'names no record of a file before that is not durable',
  },
  {
    mistake: 'takes a durable write for one of everything before it',
    file: 'disk/durable-writes.js',
    from: /isSynced = false;/,
    to: 'isSynced = true;',
    check: 'keeps what a barrier found unsynced',
  },
  {
    mistake: 'forgets what a sector held that it writes again',
    file: 'disk/direct-file.js',
    from: /staged\.set\(tail\.subarray\(0, start\)\);/,
    to: 'staged.fill(newline, 0, start);',
    check: 'keeps what shares a sector with the next record',
  },
  {
    mistake: 'writes a stale synced mark',
    file: 'segment/writer.js',
    from: /\{ from, synced, writerId: this/,
    to: '{ from, synced: 0, writerId: this',
    check: 'calls damage to acknowledged records CORRUPT',
  },
];

describe('the WAL', () => {
  for (const [name, check] of Object.entries(checks)) {
    it(name, async () => {
      expect(await check(wal)).toBeUndefined();
    });
  }
});

describe('a WAL that', () => {
  for (const { mistake, file, from, to, check } of mutants) {
    it(`${mistake} fails the check "${check}"`, async () => {
      const changed = await mutant(file, from, to);
      expect(await checks[check]?.(changed)).toEqual(expect.any(String));
    });
  }
});
