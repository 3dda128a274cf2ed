/**
 * What the proxy for MCP does to a message: a request, and a notification that has `params`, gets a context in
 * `params._meta`, by bytes. Every call is a root of its own unless it carries a context; nothing else is touched, and
 * nothing that the server says is looked at.
 */
import { outline } from '../../src/protocol/index.js';
import { McpCaller, stampMcp, type McpCallerOptions } from '../../src/protocol/mcp/caller.js';

/** A function that returns what goes to the server in the place of a client's message; the same array: the same bytes. */
export function mcpStamp(options: McpCallerOptions): (body: Uint8Array) => Uint8Array {
  const caller = new McpCaller(options);
  return (body) => {
    const found = outline(body);
    if (found.kind !== 'request' && found.kind !== 'notification') return body;
    const context = caller.begin(body, found);
    return context === undefined ? body : stampMcp(body, found, context);
  };
}
