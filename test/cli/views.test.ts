/** What each view prints, as text and as JSON, of the same root as the other golden files. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from './in-process.js';
import { writeJournal } from './journal.js';
import { checked } from './schema.js';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tl-views-'));
  writeJournal(root);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const cases: readonly (readonly [file: string, code: number, args: readonly string[]])[] = [
  ['runs-field', 0, ['runs', 'via=mcp', 'state=failed', 'state=completed']],
  ['runs-since', 0, ['runs', '--since', '2025-11-21T14:02:14', '--until', '2025-11-21T14:02:17']],
  ['runs-limit', 0, ['runs', '-n', '2']],
  ['runs-touched', 0, ['runs', '--touched', '/ws/src/a.ts']],
  ['records-field', 0, ['records', 'event_type=handler.started', 'role=er', '-n', '3']],
  ['records-limit', 0, ['records', '-n', '2']],
  ['inflight-field', 1, ['inflight', 'state=lost']],
  ['failed', 1, ['failed']],
  ['failed-run', 1, ['failed', '6T3MZQ9']],
  ['failed-nothing', 0, ['failed', '@0']],
  ['critical-path', 0, ['critical-path', 'R8Y2XEW']],
  ['critical-path-open', 0, ['critical-path', 'XJ2C']],
  ['diff', 1, ['diff', 'R8Y2XEW', '6T3MZQ9']],
  ['diff-same', 0, ['diff', 'R8Y2XEW', 'R8Y2XEW', '--full']],
  ['replay', 0, ['replay', '6T3MZQ9']],
  ['replay-open', 0, ['replay', 'XJ2C']],
  ['replay-at', 0, ['replay', 'R8Y2XEW', '--at', '45ms']],
  ['replay-before', 0, ['replay', 'R8Y2XEW', '--at', '2025-11-21T14:00']],
  ['reconcile', 1, ['reconcile']],
  ['stats', 0, ['stats']],
  ['stats-field', 0, ['stats', 'via=mcp']],
  ['prune-dry-run', 0, ['prune', '--dry-run', '--keep-days', '0']],
  ['where', 0, ['where']],
  ['id', 0, ['id', '00-019aa88dc8b71fd3906c9a0611e175dc-00000000000000aa-03']],
];

function options(name: string): readonly string[] {
  const isUtc = !['verify', 'prune'].includes(name);
  return [...(isUtc ? ['--utc'] : []), ...(name === 'id' ? [] : ['--root', root])];
}

/** Without what is of this machine and this run of the test. */
function settled(text: string): string {
  return text
    .replaceAll(root, '<root>')
    .replaceAll(/(?:\/[^\s"]*)?\/throughline\/[\w.-]+-[0-9a-f]{8}/g, '<state>')
    .replaceAll(process.cwd(), '<cwd>')
    .replaceAll(/of the (?:repository|directory)/g, 'of the directory')
    .replaceAll(/^(\S* +(?:--root|THROUGH|\.through|XDG)\S*) +(\S+) {2,}/gm, '$1  $2  ')
    .replaceAll(/^( +RULE +ROOT) +WHY/gm, '$1  WHY');
}

describe('the text', () => {
  it.each(cases)('of %s is as agreed', async (file, code, args) => {
    const said = await call(...args, ...options(args[0] ?? ''));
    expect(said.stderr).toBe('');
    await expect(settled(said.stdout)).toMatchFileSnapshot(`../golden/cli/views/${file}.txt`);
    expect(said.code).toBe(code);
  });
});

describe('the JSON', () => {
  it.each(cases)('of %s is as agreed, and of a published schema', async (file, code, args) => {
    const said = await call(...args, ...options(args[0] ?? ''), '--json');
    const objects = checked(said.stdout);
    await expect(settled(said.stdout)).toMatchFileSnapshot(`../golden/cli/views/${file}.jsonl`);
    expect(said.code).toBe(code);
    const isView = !['verify', 'prune', 'id'].includes(args[0] ?? '');
    expect(checked(said.stderr)).toMatchObject(isView ? [{ schema: 'throughline.truth/1' }] : []);
    expect(new Set(objects.map((one) => one['schema'])).size).toBeLessThanOrEqual(2);
  });
});

describe('verify', () => {
  it('prints a published schema', async () => {
    const { stdout } = await call('verify', '--json', '--root', root);
    expect(checked(stdout)).toHaveLength(4);
  });
});

describe('doctor', () => {
  it('says what it looked at, finds the dead writer, and prints a published schema', async () => {
    const { code, stdout } = await call('doctor', '--root', root, '--json');
    const checks = checked(stdout);
    expect(checks.map(({ check }) => check)).toEqual([
      'node',
      'root',
      'file system',
      'disk',
      'other roots',
      'sync',
      'writers',
      'dead writers',
      'streams',
      'formats',
      'clocks',
      'waits',
    ]);
    expect(checks.find(({ check }) => check === 'dead writers')).toMatchObject({
      result: 'finding',
      message: '1 left 1 open run',
    });
    expect(checks.find(({ check }) => check === 'writers')).toMatchObject({
      result: 'note',
      message: 'whether they live cannot be told of 1: written on another machine',
    });
    expect(code).toBe(1);
  });

  it('takes the times of syncs only when asked to, and leaves nothing behind', async () => {
    const asked = await call('doctor', '--sync-test', '--root', root);
    expect(asked.stdout).toMatch(/sync +100 syncs of 512 B: median /);
    const { stdout } = await call('doctor', '--root', root);
    expect(stdout).toMatch(/sync +how long a sync takes is recorded nowhere/);
    expect(stdout).toContain('4 streams: 3 complete, 1 torn');
  });

  it('of a root that is not there says so, and exits with 3', async () => {
    const { code, stdout } = await call('doctor', '--root', join(root, 'missing'));
    expect(stdout).toMatch(/✗ root +.*missing does not exist/);
    expect(code).toBe(3);
  });
});
