/** Message instrumentation for MCP: ids in, ids out, scopes. Writes nothing; imports no SDK. */
export { correlate, peerOf, watch } from './correlate.js';
export { interceptHandler, replaceMethod } from './instrument.js';
export type { Handler } from './instrument.js';
export type { Correlation, CorrelateOptions, McpPeer, McpServerHolder, Watcher } from './types.js';
