/** The test to copy for a front of your own: does it carry each call's id to the workspace manager, in bursts? */
import { expectPropagated } from 'throughline/testing';
import { expect, it } from 'vitest';
import { program } from './demo/platform.js';

const calls = 100;
const answer = () => ({ action: 'lint', ok: true, found: 0, findings: [], changed: [] });

it('the MCP front carries the id of every tool call', async () => {
  const { failures } = await expectPropagated({
    protocol: 'mcp',
    front: ({ port }) => ({
      command: process.execPath,
      args: [program('fronts/mcp.js')],
      env: { WORKBENCH_PORT: String(port) },
    }),
    call: (marker) => ({
      method: 'tools/call',
      params: { name: 'lint', arguments: { reason: marker } },
    }),
    answer,
    calls,
  });
  expect(failures).toEqual([]);
});

it('the LSP front carries the id of every command', async () => {
  const { failures } = await expectPropagated({
    protocol: 'lsp',
    front: ({ port }) => ({
      command: process.execPath,
      args: [program('fronts/lsp.js'), '--stdio'],
      env: { WORKBENCH_PORT: String(port) },
    }),
    call: (marker) => ({
      method: 'workspace/executeCommand',
      params: { command: 'workbench.lint', arguments: [{ reason: marker }] },
    }),
    answer,
    calls,
  });
  expect(failures).toEqual([]);
});

it('the command line carries the id it is started under', async () => {
  const { failures } = await expectPropagated({
    protocol: 'cli',
    front: ({ port }, marker) => ({
      command: process.execPath,
      args: [program('fronts/cli.js'), 'lint', '--reason', marker],
      env: { WORKBENCH_PORT: String(port) },
    }),
    answer,
    calls: 8,
  });
  expect(failures).toEqual([]);
});
