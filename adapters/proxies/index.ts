/** Frontends for programs nobody can edit. They stand in a pipe, write no file, and change no byte but the carrier's. */
export { standBetween } from './between.js';
export type { BetweenOptions } from './between.js';
export { lines } from './lines.js';
export { messageBytesMaxDefault, relay } from './relay.js';
export type { Relay, RelayOptions, Tap } from './relay.js';
export type { Cutter, CutterOptions, Framing, Piece } from './framing.js';
export { proxyLsp } from './lsp.js';
export type { LspProxyOptions } from './lsp.js';
export type { ServerTransport } from './lsp-transport.js';
export type { Inject } from './json-rpc-stamp.js';
export { proxyJsonRpc } from './json-rpc.js';
export type { JsonRpcProxy, JsonRpcProxyOptions } from './json-rpc.js';
export { formatAddress, parseAddress } from './json-rpc-address.js';
export type { Address } from './json-rpc-address.js';
export type { MessageFraming } from './json-rpc-gate.js';
export { mcpStamp } from './mcp.js';
