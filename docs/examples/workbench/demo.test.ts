/** The demo itself, small: that it tells the story, that it passes, and that it can fail. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crash, startedHandler } from './demo/crash.js';
import { execute, throughline } from './demo/drive-cli.js';
import { startMcp } from './demo/drive-mcp.js';
import { plainEnv, program, repository, startPlatform } from './demo/platform.js';
import { watchStreams } from './demo/streams.js';
import { copyWorkspace } from './demo/workspace.js';

const slowMs = 60_000;
let scratch: string;

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'workbench-demo-'));
});

afterAll(() => rmSync(scratch, { recursive: true }));

/** What it leaves lies in `scratch`. */
const demo = (name: string, env: Readonly<Record<string, string>>) =>
  execute([program('demo/main.js'), '--small', '--root', join(scratch, name)], {
    ...plainEnv(),
    TMPDIR: scratch,
    ...env,
  });

describe('the demo', () => {
  it(
    'finds every id where it must be, in bursts through all three fronts',
    async () => {
      const { exitCode, stdout } = await demo('right', {});
      expect(stdout).toContain('\nEvery id arrived where it must.\n');
      const checks = [...stdout.matchAll(/^ok +(mcp|lsp|cli) +(\d+) of +(\d+) /gm)];
      expect(checks).toHaveLength(15);
      for (const [, , right, counted] of checks) expect(right).toBe(counted);
      expect(stdout).toContain('handler wait');
      expect(exitCode).toBe(0);
    },
    slowMs,
  );

  it(
    'fails when messages leave with the ids of the one before',
    async () => {
      const { exitCode, stdout } = await demo('wrong', { WORKBENCH_DEMO_FAULT: '1' });
      expect(stdout).toMatch(/^WRONG mcp .* records carry their request's id$/m);
      expect(stdout).toMatch(/^WRONG lsp .* spans have the right parent$/m);
      expect(stdout).toContain('\nNOT every id arrived where it must.\n');
      expect(exitCode).toBe(1);
    },
    slowMs,
  );
});

/** A platform of its own, and an agent before it. */
const begin = async (name: string) => {
  const root = join(scratch, name);
  const workspace = copyWorkspace(repository, join(scratch, `${name}-files`), ['src/context']);
  const streams = await watchStreams(root);
  const platform = await startPlatform({ workspace: workspace.directory, root });
  const mcp = await startMcp(platform.frontEnv);
  return { root, streams, platform, mcp };
};

describe('a run under way', () => {
  it(
    'is named as lost, and nothing else is, when its runner was killed',
    async () => {
      const { root, streams, platform, mcp } = await begin('killed');
      const crashed = await crash(mcp, streams);
      await mcp.close();
      await platform.stop();
      const inflight = await throughline(['inflight', '--json', '--root', root], plainEnv());
      expect(inflight.exitCode).toBe(1);
      expect(inflight.stdout.trimEnd().split('\n')).toHaveLength(1);
      expect(inflight.stdout).toContain(crashed.told.correlation_id);
      const entries = await streams.read();
      const left = entries.filter(({ writerId }) => writerId === crashed.writerId);
      expect(left.map(({ event }) => event)).toEqual([
        'wal.opened',
        'run.accepted',
        'handler.started',
      ]);
      const failed = entries.find(({ event }) => event === 'runner.failed');
      expect(failed?.payload).toMatchObject({ pid: crashed.pid, signal: 'SIGKILL' });
    },
    slowMs,
  );

  it(
    'ends in both streams when the platform is asked to stop',
    async () => {
      const { root, streams, platform, mcp } = await begin('stopped');
      const answer = mcp.call({ action: 'wait', waitMs: 60_000 }, {});
      await startedHandler(streams, 'wait');
      await platform.stop();
      const { correlation_id } = await answer;
      await mcp.close();
      const inflight = await throughline(['inflight', '--root', root], plainEnv());
      expect(inflight.exitCode).toBe(0);
      const ends = (await streams.read()).filter(
        ({ event, correlationId }) =>
          /^run\.(failed|cancelled)$/.test(event) && correlationId === correlation_id,
      );
      expect(ends.map(({ event, writerId }) => `${writerId.slice(0, 2)} ${event}`)).toEqual([
        'er run.cancelled',
        'wm run.failed',
      ]);
    },
    slowMs,
  );
});
