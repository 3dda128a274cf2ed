/** One call that gives an MCP server or client its correlation ids. Writes nothing; imports no SDK. */
export { correlate } from '../../src/protocol/mcp/index.js';
export { correlatedFetch } from '../../src/context/fetch.js';
export type {
  Correlation,
  CorrelateOptions,
  McpPeer,
  McpServerHolder,
} from '../../src/protocol/mcp/index.js';
