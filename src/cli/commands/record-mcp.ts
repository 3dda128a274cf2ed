/**
 * `throughline record mcp`: the proxy for an MCP server that does the work itself, and a stream of what it was asked to
 * do. Unlike `proxy mcp` it is a host, and writes.
 */
import { lines } from '../../../adapters/proxies/lines.js';
import { McpRecording } from '../../hook/proxied/index.js';
import { McpCaller } from '../../protocol/mcp/caller.js';
import type { Given } from '../command.js';
import { serverCommand, trustOf } from '../proxying.js';
import { recordServer } from '../recorded-server.js';
import { tell } from '../tell.js';

export async function execute(given: Given): Promise<number> {
  const command = serverCommand(given, 'record mcp [OPTION…] -- SERVER [ARGUMENT…]');
  const trust = trustOf(given);
  return recordServer('mcp', command, given.value('root'), (recorder) => {
    const caller = new McpCaller({ trust, env: process.env });
    const recording = new McpRecording({ recorder, caller, warn: tell });
    return {
      recording,
      framing: lines,
      tap: {
        client: (body) => recording.client(body),
        answer: (body) => recording.answer(body),
        server: (body) => recording.passed(body),
      },
    };
  });
}
