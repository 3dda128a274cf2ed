/**
 * `throughline proxy lsp`: an id for each message of an editor, put into its bytes on the way to a language server that
 * nobody can edit. Writes nothing, and can reach neither the reader nor the WAL.
 */
// Not from the index: what the other proxies load is not loaded for each language server.
import type { ServerTransport } from '../../../adapters/proxies/lsp-transport.js';
import { proxyLsp } from '../../../adapters/proxies/lsp.js';
import { exitAs } from '../child.js';
import { UsageError, type Given } from '../command.js';
import { injectOf } from '../inject.js';
import { serverCommand } from '../proxying.js';
import { strayWriter } from '../stray.js';
import { tell } from '../tell.js';

export async function execute(given: Given): Promise<number> {
  const { file, args } = serverCommand(given, 'proxy lsp [OPTION…] -- SERVER [ARGUMENT…]');
  const end = await proxyLsp({
    file,
    args,
    env: process.env,
    inject: injectOf(given.value('inject')),
    ownProcessId: given.flag('own-process-id') ? process.pid : undefined,
    transport: transportOf(given),
    editor: { input: process.stdin, output: process.stdout },
    stray: strayWriter(),
    warn: tell,
  });
  return exitAs(end);
}

function transportOf(given: Given): ServerTransport {
  const port = given.value('socket');
  if (port === undefined) return { kind: given.flag('tcp') ? 'printed' : 'stdio' };
  if (given.flag('tcp')) throw new UsageError('--tcp and --socket are two ways to reach a server');
  if (/^[1-9]\d{0,4}$/.test(port) && Number(port) < 65_536) {
    return { kind: 'port', port: Number(port) };
  }
  throw new UsageError(`--socket is a port from 1 to 65535, not "${port}"`);
}
