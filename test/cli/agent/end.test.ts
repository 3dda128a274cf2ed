/** How a server ends: when its client does, whatever it was asked. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generate } from '../../support/generate.mjs';
import { bin, plainEnv } from '../bin.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tl-agent-'));
  generate(root, { streams: 4, requests: 1000 });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const hello = {
  protocolVersion: '2025-06-18',
  capabilities: {},
  clientInfo: { name: 't', version: '1' },
};

/** Asks for more work than anybody waits for, and leaves once the server has said hello. */
async function leave(
  how: (server: ReturnType<typeof spawn>) => void,
): Promise<{ readonly end: readonly unknown[]; readonly lines: readonly string[] }> {
  const server = spawn(process.execPath, [bin, 'mcp', '--root', root], {
    env: plainEnv,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const ended = once(server, 'close');
    const reconcile = { method: 'tools/call', params: { name: 'reconcile', arguments: {} } };
    const messages: readonly object[] = [
      { id: 0, method: 'initialize', params: hello },
      { method: 'notifications/initialized' },
      ...Array.from({ length: 300 }, (_, index) => ({ id: index + 1, ...reconcile })),
    ];
    for (const message of messages) {
      server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
    }
    const lines: string[] = [];
    for await (const line of createInterface({ input: server.stdout })) {
      if (lines.push(line) === 1) how(server);
    }
    return { end: (await ended) as readonly unknown[], lines };
  } finally {
    server.kill('SIGKILL');
  }
}

describe('a client that leaves in the middle', () => {
  it.each([
    [
      'the end of its input: exit code 0',
      (server: ReturnType<typeof spawn>) => server.stdin?.end(),
      [0, null],
    ],
    ['SIGTERM: at once', (server: ReturnType<typeof spawn>) => server.kill(), [null, 'SIGTERM']],
  ])('ends the server, by %s', async (_, how, end) => {
    const left = await leave(how);
    expect(left.end).toEqual(end);
    expect(left.lines.length).toBeLessThan(300);
    // Whatever was said is of the protocol, and whole.
    const said = left.lines.map((line) => JSON.parse(line) as object);
    expect(said.filter((one) => !('result' in one))).toEqual([]);
  });
});
