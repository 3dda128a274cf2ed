/**
 * `throughline proxy mcp`: an MCP server whose requests carry ids, without a change to client or server. A front: it
 * writes no file, reads none, and can reach neither the reader nor the WAL.
 */
// Not from the index: what the other proxies load is not loaded for each MCP server.
import { standBetween } from '../../../adapters/proxies/between.js';
import { lines } from '../../../adapters/proxies/lines.js';
import { mcpTap } from '../../../adapters/proxies/mcp.js';
import { exitAs } from '../child.js';
import type { Given } from '../command.js';
import { serverCommand, trustOf } from '../proxying.js';
import { tell } from '../tell.js';

export async function execute(given: Given): Promise<number> {
  const { file, args } = serverCommand(given, 'proxy mcp [--trust MODE] -- SERVER [ARGUMENT…]');
  const { env } = process;
  const tap = mcpTap({ trust: trustOf(given), env });
  return exitAs(await standBetween({ file, args, env, framing: lines, tap, warn: tell }));
}
