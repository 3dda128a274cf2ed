/**
 * `throughline proxy json-rpc`: an id for each message of clients that connect over TCP or a Unix socket. Writes nothing,
 * and can reach neither the reader nor the WAL.
 */
import {
  formatAddress,
  parseAddress,
  type Address,
} from '../../../adapters/proxies/json-rpc-address.js';
import type { MessageFraming } from '../../../adapters/proxies/json-rpc-gate.js';
import { proxyJsonRpc } from '../../../adapters/proxies/json-rpc.js';
import { exitAs } from '../child.js';
import { UsageError, type Given } from '../command.js';
import { injectOf } from '../inject.js';
import { strayWriter } from '../stray.js';
import { tell } from '../tell.js';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export async function execute(given: Given): Promise<number> {
  const proxy = await proxyJsonRpc({
    listen: addressOf(given, 'listen'),
    connect: addressOf(given, 'connect'),
    inject: injectOf(given.value('inject')),
    framing: framingOf(given.value('framing')),
    env: process.env,
    stray: strayWriter(),
    warn: tell,
  });
  process.stdout.write(`listening on ${formatAddress(proxy.address)}\n`);
  const signal = await new Promise<NodeJS.Signals>((caught) => {
    for (const one of signals) process.once(one, caught);
  });
  await proxy.close();
  for (const one of signals) process.removeAllListeners(one);
  return exitAs({ signal });
}

function addressOf(given: Given, name: 'listen' | 'connect'): Address {
  const text = given.value(name);
  if (text === undefined) {
    throw new UsageError(
      `--${name} is missing: throughline proxy json-rpc --listen ADDRESS --connect ADDRESS`,
    );
  }
  const address = parseAddress(text);
  if (address !== undefined) return address;
  throw new UsageError(`--${name} is PORT, HOST:PORT or unix:PATH, not "${text}"`);
}

function framingOf(value: string | undefined): MessageFraming {
  if (value === undefined) return 'detect';
  if (value === 'content-length' || value === 'lines') return value;
  throw new UsageError(`--framing is content-length or lines, not "${value}"`);
}
