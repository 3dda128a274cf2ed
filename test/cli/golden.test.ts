import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunRecords, StreamFile, correlation } from '../read/stream-file.js';
import { throughline } from './bin.js';
import { writeJournal } from './journal.js';
import { checked } from './schema.js';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tl-cli-'));
  writeJournal(root);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const cases: readonly (readonly [file: string, code: number, args: readonly string[]])[] = [
  ['runs', 0, ['runs']],
  ['runs-failed', 0, ['runs', '--failed']],
  ['show-completed', 0, ['show', 'R8Y2XEW']],
  ['show-full', 0, ['show', 'R8Y2XEW', '--full']],
  ['show-failed', 0, ['show', '01KAM8VJ5Q3Z9S0V4T06T3MZQ9']],
  ['show-lost', 0, ['show', 'XJ2C']],
  ['show-unknown', 0, ['show', '@0']],
  ['show-hostile', 0, ['show', 'CCCC333']],
  ['inflight', 1, ['inflight']],
  ['records', 0, ['records']],
  ['records-run', 0, ['records', 'XJ2C']],
  ['who', 0, ['who', '/ws/src/a.ts']],
  ['who-nobody', 0, ['who', '/ws/src/b.ts']],
];

describe('the text output', () => {
  it.each(cases)('of %s is as agreed', async (file, code, args) => {
    const ran = throughline([...args, '--root', root]);
    expect(ran.stderr).toBe('');
    await expect(ran.stdout).toMatchFileSnapshot(`../golden/cli/${file}.txt`);
    expect(ran.code).toBe(code);
  });

  it('shows a failed request of 498 spans in 12 lines and 1,000 bytes', () => {
    const large = mkdtempSync(join(tmpdir(), 'tl-cli-large-'));
    try {
      writeLargeRun(large);
      const { stdout } = throughline(['show', '@0', '--root', large]);
      expect(stdout).toContain('498 spans');
      expect(stdout).toContain('✗ handler ruff_format');
      expect(stdout.trimEnd().split('\n').length).toBeLessThanOrEqual(12);
      expect(Buffer.byteLength(stdout)).toBeLessThanOrEqual(1000);
    } finally {
      rmSync(large, { recursive: true });
    }
  });
});

describe('the last record of a lost run', () => {
  it.each(['runs', 'show @0', 'inflight'])('is its dispatch in %s', (command) => {
    const at = mkdtempSync(join(tmpdir(), 'tl-cli-last-'));
    try {
      const [wm, er] = [new StreamFile(at, 'wm', '7F3A'), new StreamFile(at, 'er', 'E001')];
      const common = { correlationId: correlation('9G7XJ2C'), action: 'lint' };
      new RunRecords(wm, { ...common, span: 2, parent: 1 }).accepted(0).dispatched(1, 3, 'er-lint');
      new RunRecords(er, { ...common, span: 4, parent: 3 }).accepted(2).completed(9, 7);
      wm.seal(10).write();
      er.seal(20).write();
      const { stdout } = throughline([...command.split(' '), '--root', at]);
      expect(stdout).toContain('last record run.dispatched');
      expect(stdout).not.toContain('last record run.accepted');
    } finally {
      rmSync(at, { recursive: true });
    }
  });
});

describe('the JSON output', () => {
  it.each(cases)('of %s is as agreed', async (file, code, args) => {
    const ran = throughline([...args, '--root', root, '--json']);
    const text = ran.stdout.replaceAll(root, '<root>');
    await expect(text).toMatchFileSnapshot(`../golden/cli/${file}.jsonl`);
    expect(ran.code).toBe(code);
    // No byte that a terminal would act upon.
    // oxlint-disable-next-line no-control-regex -- Control characters are what must not be there.
    expect(ran.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/u);
    checked(ran.stdout);
    checked(ran.stderr);
    // One object of truth on stderr, one kind of object on stdout.
    expect(JSON.parse(ran.stderr)).toMatchObject({ schema: 'throughline.truth/1', streams: 4 });
  });
});

/** 8 partitions, 60 handlers each; in one of them one handler fails. */
function writeLargeRun(at: string): void {
  const wm = new StreamFile(at, 'wm', '7F3A');
  const er = new StreamFile(at, 'er', 'E001');
  const id = correlation('6T3MZQ9');
  const outer = new RunRecords(wm, { correlationId: id, span: 2, parent: 1, action: 'format' });
  outer.accepted(0);
  let own = 0x100;
  for (let partition = 0; partition < 8; partition += 1) {
    const [attempt, run] = [own++, own++];
    outer.dispatched(partition * 1000, attempt, 'er-py');
    const records = new RunRecords(er, {
      correlationId: id,
      span: run,
      parent: attempt,
      action: 'partition',
    });
    records.accepted(partition * 1000 + 1);
    const handlers = partition === 7 ? 61 : 60;
    for (let handler = 0; handler < handlers; handler += 1) {
      const from = partition * 1000 + 10 + handler * 14;
      const error = handler === 60 ? { class: 'ExitError', message: 'exit 1' } : undefined;
      records
        .handler(from, own, 'ruff_format')
        .handlerEnd(from + 14, own, 'ruff_format', 14, error);
      own += 1;
    }
    if (partition === 7)
      records.failed(partition * 1000 + 990, 990, { class: 'ExitError', message: 'exit 1' });
    else records.completed(partition * 1000 + 990, 990);
  }
  outer.failed(9000, 9000, { class: 'RunFailed', message: 'format failed' });
  wm.seal(9100).write();
  er.seal(9100).write();
}
