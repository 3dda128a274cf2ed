/** The three fronts as real processes, before a real WM on a small workspace. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execute, toldBy } from './demo/drive-cli.js';
import { startLsp } from './demo/drive-lsp.js';
import { startMcp } from './demo/drive-mcp.js';
import { program, repository, startPlatform, type Platform } from './demo/platform.js';
import { watchStreams, type Streams } from './demo/streams.js';
import { copyWorkspace, type Workspace } from './demo/workspace.js';

const major = Number(process.versions.node.split('.')[0]);
/** Node's permission model: reading allowed, and nothing else. Network access has a flag of its own from Node 25. */
const readOnly = [
  major < 22 ? '--experimental-permission' : '--permission',
  '--allow-fs-read=*',
  ...(process.allowedNodeEnvironmentFlags.has('--allow-net') ? ['--allow-net'] : []),
  '--no-warnings',
];

let scratch: string;
let workspace: Workspace;
let platform: Platform;
let streams: Streams;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'workbench-fronts-'));
  workspace = copyWorkspace(repository, join(scratch, 'workspace'), ['src/context']);
  streams = await watchStreams(join(scratch, 'streams'));
  platform = await startPlatform({ workspace: workspace.directory, root: streams.root });
}, 30_000);

afterAll(async () => {
  await platform.stop();
  rmSync(scratch, { recursive: true });
}, 30_000);

const acceptedBecause = async (reason: string) => {
  const entries = await streams.read();
  return entries.filter(
    ({ event, payload }) =>
      event === 'run.accepted' &&
      (payload['summary'] as { reason?: string } | undefined)?.reason === reason,
  );
};

describe('without permission to write a file or start a process', () => {
  it('this Node refuses both', async () => {
    const file = JSON.stringify(join(scratch, 'x'));
    const write = await execute([...readOnly, '-e', `fs.writeFileSync(${file}, '')`], {});
    expect(write.stderr).toContain('ERR_ACCESS_DENIED');
    const start = await execute([...readOnly, '-e', `child_process.spawnSync('true')`], {});
    expect(start.stderr).toContain('ERR_ACCESS_DENIED');
  });

  it('the MCP front lints', async () => {
    const mcp = await startMcp(platform.frontEnv, readOnly);
    const told = await mcp.call({ action: 'lint', reason: 'mcp, read only' }, {});
    await mcp.close();
    const runs = await acceptedBecause('mcp, read only');
    expect(runs.map((run) => run.correlationId)).toEqual([
      told.correlation_id,
      told.correlation_id,
    ]);
  });

  it('the LSP front publishes diagnostics and runs a command', async () => {
    const lsp = await startLsp(platform.frontEnv, readOnly);
    const { told } = await lsp.open(join(workspace.directory, 'src/context/ids.ts'), {});
    const command = await lsp.call({ action: 'lint', reason: 'lsp, read only' }, {});
    await lsp.close();
    const [opened] = await acceptedBecause('open ids.ts');
    expect(opened?.correlationId).toBe(told.correlation_id);
    const runs = await acceptedBecause('lsp, read only');
    expect(runs.map((run) => run.correlationId)).toEqual([
      command.correlation_id,
      command.correlation_id,
    ]);
  });

  it('the command line lints', async () => {
    const words = ['lint', '--json', '--reason', 'cli, read only'];
    const outcome = await execute(
      [...readOnly, program('fronts/cli.js'), ...words],
      platform.frontEnv,
    );
    expect(outcome.exitCode).toBe(0);
    const runs = await acceptedBecause('cli, read only');
    const { correlation_id } = toldBy(outcome);
    expect(runs.map((run) => run.correlationId)).toEqual([correlation_id, correlation_id]);
  });
});

it('streams findings to the front that asked, and says so in both streams', async () => {
  const file = 'src/context/links.ts';
  writeFileSync(join(workspace.directory, file), 'debugger;\n');
  const words = ['lint', 'typecheck', file, '--reason', 'streamed'];
  const outcome = await execute([program('fronts/cli.js'), ...words], platform.frontEnv);
  rmSync(join(workspace.directory, file));
  expect(outcome.stdout).toContain(`${file}:1:1 error: \`debugger\` statement is not allowed\n`);
  expect(outcome.stdout).toContain('lint: not ok, 1 findings\n');
  expect(outcome.exitCode).toBe(1);
  const runs = new Set((await acceptedBecause('streamed')).map((run) => run.runId));
  const entries = (await streams.read()).filter(({ runId }) => runs.has(runId));
  const sent = entries.filter(({ event }) => event.startsWith('partial_result.'));
  expect(sent.map(({ event, writerId }) => `${writerId.slice(0, 2)} ${event}`).sort()).toEqual([
    'er partial_result.final_sent',
    'er partial_result.first_sent',
    'wm partial_result.first_sent',
  ]);
});

describe('started under TRACEPARENT', () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const spanId = '00f067aa0ba902b7';
  const shellLink = { traceId, spanId };
  const env = () => ({ ...platform.frontEnv, TRACEPARENT: `00-${traceId}-${spanId}-01` });

  it.each([
    ['MCP', startMcp],
    ['LSP', startLsp],
  ])(
    'the %s front gives each request its own root and links what started it',
    async (name, start) => {
      const front = await start(env());
      const reasons = [`${name} root 1`, `${name} root 2`] as const;
      const told = await Promise.all(
        reasons.map((reason) => front.call({ action: 'lint', reason }, {})),
      );
      await front.close();
      expect(new Set([traceId, ...told.map((ids) => ids.trace_id)]).size).toBe(3);
      for (const [index, reason] of reasons.entries()) {
        const [first, ...rest] = await acceptedBecause(reason);
        expect(first?.parentSpanId).toBe(told[index]?.span_id);
        expect(first?.links).toEqual([shellLink]);
        expect(rest.map((run) => run.links)).toEqual([[]]);
      }
    },
  );

  it('the command line is part of it', async () => {
    const words = ['lint', '--json', '--reason', 'cli in a shell'];
    const told = toldBy(await execute([program('fronts/cli.js'), ...words], env()));
    expect(told.trace_id).toBe(traceId);
    const [first] = await acceptedBecause('cli in a shell');
    expect(first?.parentSpanId).toBe(told.span_id);
    expect(first?.links).toEqual([]);
  });
});
