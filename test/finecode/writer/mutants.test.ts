/**
 * The checks that matter most, and for each the mistake it must find: the modules are copied, changed in one place, and
 * the check that is green on the real ones must turn red.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { judge, judgeOne } from './support/judge.js';
import { cutPower } from './support/power-cut.js';
import { ask, modules, pythons } from './support/python.js';

let directory: string;
let root: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'throughline-mutant-'));
  root = join(directory, 'root');
});

afterEach(() => rmSync(directory, { recursive: true }));

interface Told {
  readonly early: readonly string[];
  readonly opened: readonly (readonly string[])[];
  readonly outcomes: readonly string[];
  readonly log: readonly (readonly [string, number])[];
}

/** Each says what is wrong, or nothing. */
const checks = {
  async 'acknowledges after the datasync alone'(from: string): Promise<string | undefined> {
    const { early, outcomes, log } = await look(from);
    expect(outcomes).toHaveLength(4);
    if (early.length > 0) return `${early.length} were acknowledged before`;
    // The header, four batches, the seal.
    const synced = log.filter(([what]) => what === 'datasync').length;
    return synced === 6 ? undefined : `there were ${synced} datasyncs`;
  },
  async 'syncs every directory before its first acknowledgement'(
    from: string,
  ): Promise<string | undefined> {
    const { opened } = await look(from);
    const synced = opened.filter(([what]) => what === 'syncdir').length;
    // Who holds the root, the root, `wal`, the role, the stream.
    return synced === 5 ? undefined : `${synced} directories were synced`;
  },
  async 'never touches a file again whose datasync failed'(
    from: string,
  ): Promise<string | undefined> {
    const { log } = await look(from, [['datasync', 3]]);
    const failed = log.findIndex(([what]) => what === 'failed');
    const again = log.slice(failed + 1).filter(([, file]) => file === log[failed]?.[1]);
    return again.length === 0 ? undefined : `then came ${again.map(([what]) => what).join(', ')}`;
  },
  async 'keeps what it acknowledged in every state that a power cut may leave'(
    from: string,
  ): Promise<string | undefined> {
    const { wrong } = await cutPower('the first seconds of a new root', { modules: from });
    return wrong;
  },
  async 'says what was durable, so that damage to it is no torn tail'(
    from: string,
  ): Promise<string | undefined> {
    await look(from);
    const { writerId } = await judgeOne(root);
    const file = join(root, 'wal', 'wm', writerId, 'wal-000001.jsonl');
    const lines = readFileSync(file, 'latin1').split('\n');
    // The second of the four, and neither the last one nor the seal is there any more.
    const damaged = [...lines.slice(0, 2), lines[2]?.replace('test', 'tast'), lines[3], ''];
    writeFileSync(file, damaged.join('\n'));
    const [stream] = await judge(root);
    return stream?.verdicts.includes('CORRUPT') === true ? undefined : stream?.verdicts.join();
  },
};

function look(from: string, fails: readonly (readonly [string, number])[] = []): Promise<Told> {
  return ask<Told>('host.py', { scenario: 'order', root, fails }, { modules: from });
}

const mutants = [
  {
    mistake: 'acknowledges before it has written',
    file: 'throughline_stream.py',
    from: '        try:\n            if file.is_rotation_due:',
    to: '        self._acknowledge(list(batch), 0, True)\n        try:\n            if file.is_rotation_due:',
    check: 'acknowledges after the datasync alone',
  },
  {
    mistake: 'syncs its header and its seal, and no batch',
    file: 'throughline_disk.py',
    from: '            self._disk.datasync(segment.descriptor)\n            if not',
    to: '            if not',
    check: 'keeps what it acknowledged in every state that a power cut may leave',
  },
  {
    mistake: 'syncs no directory',
    file: 'throughline_disk.py',
    from: '                self._disk.sync_directory(holder)',
    to: '                pass',
    check: 'syncs every directory before its first acknowledgement',
  },
  {
    mistake: 'does not sync the directory of its first file',
    file: 'throughline_disk.py',
    from: '            self._disk.sync_directory(self.directory)',
    to: '            pass',
    check: 'keeps what it acknowledged in every state that a power cut may leave',
  },
  {
    mistake: 'tries the same file again after EIO',
    file: 'throughline_disk.py',
    from: '            return self._fail_over(bodies, error)',
    to: '            return self._write(bodies, is_sync)',
    check: 'never touches a file again whose datasync failed',
  },
  {
    mistake: 'writes a stale synced mark',
    file: 'throughline_disk.py',
    from: 'assemble(bodies, self._end, self.synced_sequence, self.writer_id)',
    to: 'assemble(bodies, self._end, 0, self.writer_id)',
    check: 'says what was durable, so that damage to it is no torn tail',
  },
] as const;

function mutant({ file, from, to }: (typeof mutants)[number]): string {
  const copy = join(directory, 'modules');
  cpSync(modules, copy, { recursive: true });
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} has no such line: ${from}`);
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
  return copy;
}

describe.skipIf(pythons.length === 0)('the writer in Python', () => {
  for (const [name, check] of Object.entries(checks)) {
    it(name, async () => {
      expect(await check(modules)).toBeUndefined();
    });
  }
});

describe.skipIf(pythons.length === 0)('a writer in Python that', () => {
  for (const one of mutants) {
    it(`${one.mistake} fails the check "${one.check}"`, async () => {
      expect(await checks[one.check](mutant(one))).toBeTypeOf('string');
    });
  }
});
