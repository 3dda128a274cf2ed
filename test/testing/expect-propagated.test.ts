import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  expectPropagated,
  type FindingKind,
  type FrontCommand,
  type PropagationError,
  type RpcCall,
  type WmAddress,
} from '../../src/testing/index.js';

function fixture(name: string, fault: string, ...args: readonly string[]) {
  const path = fileURLToPath(new URL(`fixtures/${name}.mjs`, import.meta.url));
  return ({ address }: WmAddress): FrontCommand => ({
    command: process.execPath,
    args: [path, ...args],
    env: { WM_ADDRESS: address, FAULT: fault },
  });
}

function tool(marker: string): RpcCall {
  return {
    method: 'tools/call',
    params: { name: 'work', arguments: { path: `src/${marker}.ts` } },
  };
}

function command(marker: string): RpcCall {
  return { method: 'workspace/executeCommand', params: { command: 'work', arguments: [marker] } };
}

/** The error a broken front ends in. */
async function broken(promise: Promise<unknown>): Promise<PropagationError> {
  const error: unknown = await promise.then(
    () => new Error('nothing was found'),
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: 'ThroughlineError', code: 'PROPAGATION_BROKEN' });
  return error as PropagationError;
}

function kinds(error: PropagationError): Partial<Record<FindingKind, number>> {
  const counts: Partial<Record<FindingKind, number>> = {};
  for (const { kind } of error.report.findings) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

describe('expectPropagated is content with a front that carries every id', () => {
  it('an MCP server in a burst of 200 calls', async () => {
    const report = await expectPropagated({
      protocol: 'mcp',
      front: fixture('mcp-front', 'none'),
      call: tool,
    });
    expect(report).toEqual({ calls: 200, messages: 200, findings: [], failures: [] });
  });

  it('a language server in a burst of 200 calls', async () => {
    const report = await expectPropagated({
      protocol: 'lsp',
      front: fixture('lsp-front', 'none'),
      call: command,
    });
    expect(report).toEqual({ calls: 200, messages: 200, findings: [], failures: [] });
  });

  it('a command that is started 8 times', async () => {
    const report = await expectPropagated({
      protocol: 'cli',
      front: (wm, marker) => fixture('cli-front', 'none', marker)(wm),
      calls: 8,
    });
    expect(report).toEqual({ calls: 8, messages: 8, findings: [], failures: [] });
  });
});

describe('expectPropagated finds a front that', () => {
  it('keeps the id in one variable: every id is there, and most are of another call', async () => {
    const error = await broken(
      expectPropagated({ protocol: 'mcp', front: fixture('mcp-front', 'latest'), call: tool }),
    );
    expect(kinds(error).foreign).toBeGreaterThan(50);
    expect(kinds(error)).not.toHaveProperty('lost');
    expect(error.message).toMatch(
      /foreign: \d+ carried another call's id\n {4}throughline-call-\d{6}: actions\/run sent (?:no id|[0-9a-f]{32}), arrived [0-9a-f]{32} \(of throughline-call-\d{6}\)/,
    );
    expect(error.message).toMatch(/… and \d+ more/);
  });

  it('sets the scope around the reader, so that a batch runs in the scope of its first message', async () => {
    const error = await broken(
      expectPropagated({ protocol: 'lsp', front: fixture('lsp-front', 'reader'), call: command }),
    );
    // Which kind depends on who was first in each batch: another call, or the greeting that carried nothing.
    expect(error.report.findings.length).toBeGreaterThan(100);
  });

  it('uses the id of its environment for every call', async () => {
    const error = await broken(
      expectPropagated({
        protocol: 'mcp',
        front: fixture('mcp-front', 'environment'),
        call: tool,
        calls: 20,
      }),
    );
    expect(kinds(error)).toEqual({ environment: 20 });
    expect(error.message).toContain('the environment the server was started under');
  });

  it('sends no id at all', async () => {
    const error = await broken(
      expectPropagated({
        protocol: 'mcp',
        front: fixture('mcp-front', 'unstamped'),
        call: tool,
        calls: 20,
      }),
    );
    expect(kinds(error)).toEqual({ lost: 20 });
  });

  it('has one root for all: wrong for a call with an id, shared by the calls without', async () => {
    const error = await broken(
      expectPropagated({
        protocol: 'mcp',
        front: fixture('mcp-front', 'oneRoot'),
        call: tool,
        calls: 20,
      }),
    );
    expect(kinds(error)).toEqual({ wrong: 15, shared: 4 });
  });

  it('never asks the workspace manager', async () => {
    const error = await broken(
      expectPropagated({
        protocol: 'mcp',
        front: fixture('mcp-front', 'deaf'),
        call: tool,
        calls: 4,
      }),
    );
    expect(kinds(error)).toEqual({ unheard: 4 });
  });

  it('is a command and starts a root of its own under TRACEPARENT', async () => {
    const error = await broken(
      expectPropagated({
        protocol: 'cli',
        front: (wm, marker) => fixture('cli-front', 'root', marker)(wm),
        calls: 4,
      }),
    );
    expect(kinds(error)).toEqual({ wrong: 3 });
  });
});

describe('expectPropagated says what is the matter when', () => {
  it('the front cannot be started', async () => {
    await expect(
      expectPropagated({
        protocol: 'mcp',
        front: () => ({ command: 'there-is-no-such-program' }),
        call: tool,
      }),
    ).rejects.toMatchObject({
      code: 'FRONT_FAILED',
      message: 'The front "there-is-no-such-program" could not be started.',
    });
  });

  it('the front exits in the middle', async () => {
    await expect(
      expectPropagated({ protocol: 'mcp', front: fixture('mcp-front', 'crash'), call: tool }),
    ).rejects.toMatchObject({
      code: 'FRONT_FAILED',
      message: expect.stringContaining('exited (3) before it had answered'),
    });
  });

  it('the front prints why it exits', async () => {
    await expect(
      expectPropagated({
        protocol: 'lsp',
        front: () => ({
          command: process.execPath,
          args: ['-e', 'console.error("no configuration"); process.exit(1)'],
        }),
        call: command,
      }),
    ).rejects.toMatchObject({ message: expect.stringContaining('It printed: no configuration') });
  });

  it('the front does not answer in time, and leaves no process behind', async () => {
    const pids = new Set<number>();
    const hanging = expectPropagated({
      protocol: 'mcp',
      front: fixture('mcp-front', 'hang'),
      call: tool,
      answer: ({ params }) => {
        pids.add((params as { pid: number }).pid);
      },
      timeoutMs: 1500,
    });
    await expect(hanging).rejects.toMatchObject({
      code: 'FRONT_FAILED',
      message:
        'The front did not finish within 1500 ms; 0 messages had reached the workspace manager.',
    });
    expect(pids.size).toBe(1);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('there is nothing to call', async () => {
    await expect(
      expectPropagated({
        protocol: 'mcp',
        front: fixture('mcp-front', 'none'),
        call: tool,
        calls: 0,
      }),
    ).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  });
});

it('hands the answers of the test to the front, and counts what the front makes of them', async () => {
  const asked: unknown[] = [];
  const report = await expectPropagated({
    protocol: 'mcp',
    front: fixture('mcp-front', 'none'),
    call: tool,
    calls: 4,
    answer: ({ method, params }) => {
      asked.push([method, params]);
      throw new Error('the disk is full');
    },
  });
  expect(asked).toContainEqual(['actions/run', { path: 'src/throughline-call-000002.ts' }]);
  expect(report.failures).toHaveLength(4);
  expect(report.failures[0]).toContain('the disk is full');
});

it('speaks newline framing to the front, and reads an id in the params', async () => {
  const script = `
    const { TRACEPARENT: traceparent, WM_PORT } = process.env;
    const socket = require('node:net').connect(Number(WM_PORT), '127.0.0.1');
    const params = { path: process.argv[1], _traceparent: traceparent };
    socket.write(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'actions/run', params }) + '\\n');
    socket.on('data', (text) => { JSON.parse(text).result.ok === true ? socket.destroy() : process.exit(1); });
  `;
  const report = expectPropagated({
    protocol: 'cli',
    framing: 'lines',
    calls: 4,
    answer: () => ({ ok: true }),
    front: ({ port }, marker) => ({
      command: process.execPath,
      args: ['-e', script, marker],
      env: { WM_PORT: String(port) },
    }),
  });
  // The call without an id makes none here either.
  await expect(report).rejects.toMatchObject({
    report: { calls: 4, messages: 4, failures: [], findings: [{ kind: 'lost' }] },
  });
});
