/** The MCP front: one tool per action, over stdio. What it adds for correlation is one line: `correlate(server)`. */
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { logFields } from 'throughline';
import { correlate } from 'throughline/mcp';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { z } from 'zod';
import { actionNames, descriptionOf, summaryOf } from '../actions.js';
import { connectToWorkspaceManager } from './connect.js';

const inputSchema = {
  files: z.array(z.string()).optional().describe('Paths below the workspace. Default: all of it.'),
  reason: z.string().optional().describe('What you want it for. Kept in the record.'),
  waitMs: z.number().int().min(0).max(60_000).optional(),
};

const workspaceManager = await connectToWorkspaceManager();
const server = new McpServer({ name: 'workbench', version: '1.0.0' });
correlate(server);

for (const action of actionNames) {
  server.registerTool(
    action,
    { description: descriptionOf[action], inputSchema },
    async ({ files, reason, waitMs }, { signal }) => {
      const source = new CancellationTokenSource();
      signal.addEventListener('abort', () => source.cancel(), { once: true });
      const params = {
        action,
        ...(files === undefined ? {} : { files }),
        ...(reason === undefined ? {} : { reason }),
        ...(waitMs === undefined ? {} : { waitMs }),
      };
      // The ids of this call, also when it failed, for whoever wants to look it up: `throughline show <correlation_id>`.
      const request = logFields();
      try {
        const result = await workspaceManager.run(params, { cancellation: source.token });
        return answer(summaryOf(result), { ...result, request }, !result.ok);
      } catch (error) {
        return answer(`${action}: ${String(error)}`, { request }, true);
      }
    },
  );
}

function answer(
  text: string,
  structuredContent: Record<string, unknown>,
  isError: boolean,
): CallToolResult {
  return { content: [{ type: 'text', text }], structuredContent, isError };
}

const transport = new StdioServerTransport();
process.stdin.once('end', () => workspaceManager.close());
await server.connect(transport);
