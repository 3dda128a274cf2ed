/** Small bursts through all three fronts at once, checked as the demo checks them, and the check itself. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Asked } from './demo/asked.js';
import { burst } from './demo/bursts.js';
import { crash } from './demo/crash.js';
import { installWorkbench, throughline } from './demo/drive-cli.js';
import { startLsp } from './demo/drive-lsp.js';
import { startMcp, type McpFront } from './demo/drive-mcp.js';
import { plainEnv, program, repository, startPlatform } from './demo/platform.js';
import { readEntries } from './demo/streams.js';
import { verify } from './demo/verify.js';
import { copyWorkspace } from './demo/workspace.js';

let scratch: string;
let root: string;

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'workbench-bursts-'));
  root = join(scratch, 'streams');
});

afterEach(() => rmSync(scratch, { recursive: true }));

/** Starts everything, runs `use` between, and stops everything, also when it throws. */
async function onPlatform<Result>(
  nodeOptions: readonly string[],
  use: (mcp: McpFront, askAll: () => Promise<Asked[]>) => Promise<Result>,
): Promise<Result> {
  const workspace = copyWorkspace(repository, join(scratch, 'workspace'), {
    folders: ['src/context'],
    untidyMax: 8,
  });
  const platform = await startPlatform({ workspace: workspace.directory, root, nodeOptions });
  const mcp = await startMcp(platform.frontEnv);
  const lsp = await startLsp(platform.frontEnv);
  const shell = installWorkbench(join(scratch, 'bin'), platform.frontEnv);
  try {
    return await use(mcp, () =>
      burst({ mcp, lsp, shell }, workspace, { mcp: 8, lsp: 8, opened: 2, cli: 4 }),
    );
  } finally {
    await Promise.all([mcp.close(), lsp.close()]);
    await platform.stop();
  }
}

describe('a burst through all three fronts', () => {
  it('leaves every record with the id and the parent of the request that caused it', async () => {
    const asked = await onPlatform([], (_, askAll) => askAll());
    const entries = await readEntries([root]);
    for (const front of ['mcp', 'lsp', 'cli'] as const) {
      const checks = verify(
        entries,
        asked.filter((one) => one.front === front),
      );
      expect(checks.flatMap(({ wrong }) => wrong)).toEqual([]);
      expect(checks.every(({ counted }) => counted > 0)).toBe(true);
    }
    expect(entries.some(({ event }) => event === 'effect.applied')).toBe(true);
  });

  it('is found out when messages leave with the ids of the one before', async () => {
    const asked = await onPlatform([`--import=${program('demo/faults.js')}`], (_, askAll) =>
      askAll(),
    );
    const checks = verify(await readEntries([root]), asked);
    const wrong = new Map(checks.map((check) => [check.title, check.wrong.length]));
    expect(wrong.get("records that carry their request's id")).toBeGreaterThan(0);
    expect(wrong.get('spans whose parents lead to their request')).toBeGreaterThan(0);
  });
});

it('names the run whose runner was killed, and nothing else, as in flight', async () => {
  const crashed = await onPlatform([], (mcp) => crash(mcp, root));
  const inflight = await throughline(['inflight', '--json', '--root', root], plainEnv());
  expect(inflight.exitCode).toBe(1);
  expect(inflight.stdout).toContain(crashed.told.correlation_id);
  const entries = await readEntries([root]);
  const lost = entries.filter(({ writerId }) => writerId === crashed.writerId);
  expect(lost.map(({ event }) => event)).toEqual(['wal.opened', 'run.accepted', 'handler.started']);
  const failed = entries.find(({ event }) => event === 'runner.failed');
  expect(failed?.payload).toMatchObject({ pid: crashed.pid, signal: 'SIGKILL' });
});
