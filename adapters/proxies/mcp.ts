/**
 * What the proxy for MCP does to a message: a request, and a notification that has `params`, gets a context in
 * `params._meta`, by bytes. Every call is a root of its own unless it carries a context; nothing else is touched, and
 * nothing that the server says is looked at.
 */
import { outline } from '../../src/protocol/index.js';
import { McpCaller, stampMcp, type McpCallerOptions } from '../../src/protocol/mcp/caller.js';
import type { Tap } from './relay.js';

export function mcpTap(options: McpCallerOptions): Tap {
  const caller = new McpCaller(options);
  return {
    client(body) {
      const found = outline(body);
      if (found.kind !== 'request' && found.kind !== 'notification') return body;
      const context = caller.begin(body, found);
      return context === undefined ? body : stampMcp(body, found, context);
    },
  };
}
