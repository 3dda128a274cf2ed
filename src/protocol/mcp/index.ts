/** Message instrumentation for MCP: ids in, ids out, scopes. Writes nothing; imports no SDK. */
export { correlate } from './correlate.js';
export type { Correlation, CorrelateOptions, McpPeer, McpServerHolder } from './types.js';
