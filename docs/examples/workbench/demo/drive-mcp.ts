/** A real MCP client over stdio: what an agent does. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { LogFields } from 'throughline';
import type { ActionName, RunParams } from '../actions.js';
import { carrierFor, type Asked, type Carrier } from './asked.js';
import { program } from './platform.js';

/** Sixty requests start a hundred compilers and formatters: on a busy machine that is more than the SDK's minute. */
const answerMsMax = 600_000;

export interface McpFront {
  /** Calls the tool; the ids it told, also when it failed. */
  call(params: RunParams, carrier: Carrier): Promise<LogFields>;
  close(): Promise<void>;
}

export async function startMcp(
  env: Readonly<Record<string, string>>,
  nodeArgs: readonly string[] = [],
): Promise<McpFront> {
  const client = new Client({ name: 'demo-agent', version: '1.0.0' });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [...nodeArgs, program('fronts/mcp.js')],
    env: { ...env },
  });
  await client.connect(transport);
  return {
    async call({ action, ...rest }, carrier) {
      const answer = await client.callTool(
        { name: action, arguments: rest, _meta: { ...carrier } },
        undefined,
        { timeout: answerMsMax },
      );
      const { request } = answer.structuredContent as { readonly request: LogFields };
      return request;
    },
    close: () => client.close(),
  };
}

/** `calls` tool calls at once: mostly lint, some format, some check. */
export function driveMcp(
  mcp: McpFront,
  calls: number,
  files: readonly string[],
): readonly Promise<Asked>[] {
  return Array.from({ length: calls }, async (_, index): Promise<Asked> => {
    const action = actionFor(index);
    const reason = `mcp call ${index}`;
    const { carrier, sent } = carrierFor(index);
    const file = files[index % files.length];
    const params = { action, reason, ...(file === undefined ? {} : { files: [file] }) };
    return { front: 'mcp', reason, actions: [action], told: await mcp.call(params, carrier), sent };
  });
}

/** Every eighth is a check, every fourth of the others formats. */
export function actionFor(index: number): ActionName {
  if (index % 8 === 5) return 'check';
  return index % 4 === 2 ? 'format' : 'lint';
}
