/**
 * `throughline proxy mcp`: an MCP server whose requests carry ids, without a change to client or server. A front: it
 * writes no file, reads none, and can reach neither the reader nor the WAL.
 */
// Not from the index: what the other proxies load is not loaded for each MCP server.
import { standBetween } from '../../../adapters/proxies/between.js';
import { proxyHttp } from '../../../adapters/proxies/http.js';
import { lines } from '../../../adapters/proxies/lines.js';
import { mcpStamp } from '../../../adapters/proxies/mcp.js';
import { exitAs } from '../child.js';
import { exitCode, UsageError, type Given } from '../command.js';
import { serverCommand, trustOf } from '../proxying.js';
import { tell } from '../tell.js';

export async function execute(given: Given): Promise<number> {
  const { env } = process;
  const stamp = mcpStamp({ trust: trustOf(given), env });
  const url = given.value('http');
  if (url === undefined) {
    const { file, args } = serverCommand(given, 'proxy mcp [--trust MODE] -- SERVER [ARGUMENT…]');
    if (given.values('header').length > 0) throw new UsageError('--header goes with --http URL');
    const tap = { client: stamp };
    return exitAs(await standBetween({ file, args, env, framing: lines, tap, warn: tell }));
  }
  if (given.command.length > 0) {
    throw new UsageError('there is either --http URL or a server behind --, not both');
  }
  await proxyHttp({
    url: urlOf(url),
    headers: headersOf(given.values('header')),
    stamp,
    warn: tell,
  });
  return exitCode.ok;
}

function urlOf(value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new UsageError(`--http is a URL that begins with http: or https:, not "${value}"`);
}

/** `${NAME}` is taken from the environment, so that a secret need not stand in a command line. */
function headersOf(values: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const value of values) {
    const colon = value.indexOf(':');
    const name = value.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) {
      // What stands behind the name may be a secret.
      throw new UsageError('--header is "NAME: VALUE"; one of them has no name');
    }
    headers[name] = value
      .slice(colon + 1)
      .trim()
      .replaceAll(/\$\{(\w+)\}/g, (_, variable: string) => variableOf(variable));
  }
  return headers;
}

function variableOf(name: string): string {
  const value = process.env[name];
  if (value !== undefined) return value;
  throw new UsageError(`--header names the environment variable ${name}, which is not set`);
}
