/** What readers show of effects that were concluded and not reported. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { correlation, RunRecords, StreamFile } from '../read/stream-file.js';
import { throughline } from '../cli/bin.js';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tl-inferred-'));
  const stream = new StreamFile(root, 'exec', '7F3A');
  const after = { sha256: 'b'.repeat(64), bytes: 7 };
  const run = { span: 2, parent: 1, action: 'make', origin: { front: 'cli', name: 'make' } };
  new RunRecords(stream, { correlationId: correlation('R8Y2XEW'), ...run })
    .accepted(0)
    .add(50, 'effect.applied', { path: '/ws/a.o', change: 'created', before: null, after })
    .add(51, 'effect.applied', {
      path: '/ws/b.o',
      change: 'created',
      before: null,
      after,
      inferred: true,
    })
    .completed(60, 60);
  new RunRecords(stream, { correlationId: correlation('6T3MZQ9'), ...run })
    .accepted(100)
    .add(150, 'effect.applied', { path: '/ws/b.o', change: 'modified', after, inferred: true })
    .completed(160, 60);
  stream.seal(200).write();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('an inferred effect', () => {
  it.each([
    ['who-inferred', ['who', '/ws/b.o']],
    ['show-inferred', ['show', 'R8Y2XEW']],
    ['show-all-inferred', ['show', '6T3MZQ9']],
  ])('is shown as inferred in %s', async (file, args) => {
    const text = throughline([...args, '--root', root]);
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toContain('inferred');
    await expect(text.stdout).toMatchFileSnapshot(`../golden/cli/${file}.txt`);
    const json = throughline([...args, '--root', root, '--json']);
    await expect(json.stdout).toMatchFileSnapshot(`../golden/cli/${file}.jsonl`);
  });

  it('is counted by runs', () => {
    const [newest, oldest] = throughline(['runs', '--root', root, '--json'])
      .stdout.trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(newest).toMatchObject({ effects: 1, effects_inferred: 1 });
    expect(oldest).toMatchObject({ effects: 2, effects_inferred: 1 });
  });
});
