/** What the methods of LSP mean for scopes, on both sides of a connection. */
import type { Origin } from '../../src/context/index.js';
import { origins, stringParam, type InboundCall } from '../../src/protocol/index.js';

/** Timers started here would carry the first request's id for ever. */
export const startsConnection: ReadonlySet<string> = new Set(['initialize', 'initialized']);
/** A request of its own only if the editor says so with a carrier. */
export const servesConnection: ReadonlySet<string> = new Set([
  'shutdown',
  'exit',
  '$/setTrace',
  '$/cancelRequest',
  'workspace/didChangeConfiguration',
]);
export const nameCharsMax = 128;

/** What is said of a message: its method, the command it asks for, and the editor it comes from. */
export type OriginOf = (call: InboundCall, client: string | undefined) => Origin;

/** For one connection. */
export function editorOrigins(): OriginOf {
  const unnamed = origins('lsp');
  return (call, client) => {
    const origin = unnamed(call.method, client);
    if (call.method !== 'workspace/executeCommand') return origin;
    const name = stringParam(call, 'command');
    return name === undefined ? origin : { ...origin, name: name.slice(0, nameCharsMax) };
  };
}
