/** An answer and an error as MCP has them. Pure. */
import { clean } from '../text.js';
import type { Answer, Tool } from './call.js';
import { AgentError, callText } from './error.js';
import { common, object, type Schema } from './schema.js';

/** As `CallToolResult` of the SDK. */
export interface ToolResult {
  readonly [member: string]: unknown;
  readonly content: { readonly type: 'text'; readonly text: string }[];
  readonly structuredContent?: Record<string, unknown>;
  readonly isError?: boolean;
}

/** The JSON Schema of a tool's structured content. */
export function outputSchema({ output }: Tool): Schema {
  return object({ ...output, ...common });
}

/** The answer, as an object, and as text for whoever has no use for objects. */
export function resultOf({ fields, omitted, next, truth, text }: Answer): ToolResult {
  const structuredContent = {
    ...fields,
    truncated: omitted.length > 0,
    omitted,
    next: next.map((call) => ({ tool: call.tool, arguments: call.arguments })),
    truth,
  };
  return {
    content: [{ type: 'text', text: text ?? JSON.stringify(structuredContent) }],
    structuredContent,
  };
}

/** What went wrong, for the model to read: how to ask instead. */
export function errorResult(error: unknown): ToolResult {
  const message = error instanceof Error ? error.message : String(error);
  const next = error instanceof AgentError ? error.next : [];
  const lines = [clean(message), ...next.map((call) => `next: ${callText(call)}`)];
  return { content: [{ type: 'text', text: lines.join('\n') }], isError: true };
}
