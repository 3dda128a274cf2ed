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
  const transport = transportOf(given);
  const options = {
    file,
    args,
    env: process.env,
    inject: injectOf(given.value('inject')),
    ownProcessId: given.flag('own-process-id') ? process.pid : undefined,
    editor: { input: process.stdin, output: process.stdout },
    stray: strayWriter(),
    warn: tell,
  };
  if (transport !== undefined) return exitAs(await proxyLsp({ ...options, transport }));
  // What few servers need is not loaded for each.
  const { proxyLspOnPort } = await import('../../../adapters/proxies/lsp-port.js');
  return exitAs(await proxyLspOnPort(options));
}

/** `undefined`: the editor connects, too. */
function transportOf(given: Given): ServerTransport | undefined {
  const port = given.value('socket');
  const isTcp = given.flag('tcp');
  if (port === undefined) return isTcp ? undefined : { kind: 'stdio' };
  if (isTcp) throw new UsageError('--tcp and --socket are two ways to reach a server');
  if (port === 'printed') return { kind: 'printed' };
  if (/^[1-9]\d{0,4}$/.test(port) && Number(port) < 65_536) {
    return { kind: 'port', port: Number(port) };
  }
  throw new UsageError(`--socket is printed, or a port from 1 to 65535, not "${port}"`);
}
