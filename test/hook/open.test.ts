import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRecorder } from '../../src/hook/index.js';
import { linesOf, removeDirectory, temporaryDirectory } from './host.js';

let directory: string;

beforeEach(() => {
  directory = temporaryDirectory();
});

afterEach(() => removeDirectory(directory));

describe('openRecorder', () => {
  it('takes its root from the option, then from the environment', async () => {
    const env = { THROUGHLINE_ROOT: join(directory, 'b') };
    const given = await openRecorder({
      role: 'wm',
      root: join(directory, 'a'),
      env,
      sync: 'inline',
    });
    const found = await openRecorder({ role: 'wm', env, sync: 'inline' });
    expect([given.root, found.root]).toEqual([join(directory, 'a'), join(directory, 'b')]);
    await Promise.all([given.close(), found.close()]);
  });

  it('makes the workspace the project of records that name none', async () => {
    const root = join(directory, 'root');
    const recorder = await openRecorder({ role: 'er', root, workspace: directory, sync: 'inline' });
    recorder.recordRunner('started', { runner: 'r' });
    await recorder.run({ action: 'a' }, () => undefined);
    await recorder.run({ action: 'b', projectPath: '/p' }, () => undefined);
    await recorder.close();
    expect(linesOf(root).map((line) => line['project_path'])).toEqual([
      directory,
      directory,
      directory,
      directory,
      '/p',
      '/p',
      directory,
    ]);
  });

  it('closes at the end of its scope, and may be closed twice', async () => {
    const root = join(directory, 'root');
    {
      await using recorder = await openRecorder({ role: 'er', root, sync: 'inline' });
      await recorder.run({ action: 'a' }, () => undefined);
      expect(recorder.metrics()).toMatchObject({
        runsOpen: 0,
        runsAccepted: 1,
        recordsLost: 0,
        misuses: 0,
        stream: { dropped: 0 },
      });
      await recorder.close();
    }
    expect(linesOf(root).at(-1)?.event_type).toBe('wal.sealed');
  });

  it('goes on without records after it was closed', async () => {
    const root = join(directory, 'root');
    const recorder = await openRecorder({ role: 'er', root, sync: 'inline' });
    await recorder.close();
    expect(await recorder.run({ action: 'a' }, () => 42)).toBe(42);
    expect(recorder.metrics()).toMatchObject({ recordsLost: 2 });
  });

  it('records what an untyped caller gets wrong as well as it can, and loses nothing', async () => {
    const root = join(directory, 'root');
    const recorder = await openRecorder({ role: 'er', root, sync: 'inline' });
    const wrong = {
      action: undefined,
      projectPath: new URL('file:///p'),
      params: { big: 2n ** 70n, when: new Date(Number.NaN) },
      summary: { nan: Number.NaN, nested: {}, ok: 1 },
      rpc: { connection: 7, id: Number.NaN },
      peer: [1],
      dispatch: { runner: 1, attempt: Number.NaN },
    } as never;
    await recorder.run(wrong, async (run) => {
      await run.touched('a', { before: 5 as never, after: null });
      await run.rejected(undefined as never, undefined as never);
    });
    await recorder.close();
    expect(recorder.metrics()).toMatchObject({ recordsLost: 0, misuses: 0 });
    expect(linesOf(root).map((line) => line.event_type)).toEqual([
      'wal.opened',
      'run.accepted',
      'run.dispatched',
      'effect.applied',
      'run.rejected',
      'wal.sealed',
    ]);
  });

  it('refuses a role that is none, and under reject a root that cannot be written', async () => {
    const root = join(directory, 'root');
    await expect(openRecorder({ role: '../wm', root })).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
    });
    writeFileSync(root, 'a file where the root should be');
    await expect(
      openRecorder({ role: 'wm', root, sync: 'inline', onFailure: 'reject' }),
    ).rejects.toMatchObject({ code: 'ROOT_UNUSABLE' });
  });

  it('refuses to resolve a run that is in flight', async () => {
    const root = join(directory, 'root');
    const recorder = await openRecorder({ role: 'wm', root, sync: 'inline' });
    const run = {
      runId: '01KAM8VJ5Q3Z9S0V4T6R8Y2XEW',
      verdict: 'in_flight',
      evidence: 'process 1 runs',
    } as unknown as Parameters<typeof recorder.resolve>[0];
    await expect(recorder.resolve(run, 'abandoned')).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
    });
    await recorder.close();
  });
});
