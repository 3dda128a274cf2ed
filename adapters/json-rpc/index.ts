/**
 * JSON-RPC over vscode-jsonrpc: `correlated` gives every inbound message a scope of its own, `stampWriter` stamps what
 * is sent with the scope it is sent from. Imports no vscode package and writes nothing.
 */
export { correlated } from './correlated.js';
export type { CorrelatedOptions } from './correlated.js';
export { requestOf, stampWriter } from '../../src/protocol/index.js';
export type { ConnectionOptions, RequestInfo, StampOptions } from '../../src/protocol/index.js';
