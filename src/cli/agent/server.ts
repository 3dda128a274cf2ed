/** The MCP server: what the SDK asks for, wired to the tools and resources. Has no tool that writes and opens no socket. */
import { readFileSync } from 'node:fs';
import type { Session, Tool } from './call.js';
import { inputSchema, readAsked, shown } from './parameters.js';
import { progressOf } from './progress.js';
import type { Reading } from './reading.js';
import { completeRun, listResources, readResource, runOfUri, runTemplate } from './resources.js';
import { errorResult, outputSchema, resultOf, type ToolResult } from './result.js';
import type { Extra, Sdk, SdkServer } from './sdk.js';
import { instructions, tools } from './tools.js';

// The other hints are about tools that write.
const annotations = { readOnlyHint: true, openWorldHint: false } as const;

/** Codes of JSON-RPC and of MCP. */
const invalidParams = -32_602;
const resourceNotFound = -32_002;

/** A server that answers from `reading`, not connected yet. */
export function serverOf(sdk: Sdk, reading: Reading): SdkServer {
  const server = new sdk.Server(
    { name: 'throughline', title: 'throughline', version: version() },
    { capabilities: { tools: {}, resources: {}, completions: {} }, instructions },
  );
  server.setRequestHandler(sdk.ListToolsRequestSchema, () => ({ tools: tools.map(described) }));
  server.setRequestHandler(sdk.CallToolRequestSchema, async ({ params }, extra) => {
    const tool = tools.find(({ name }) => name === params['name']);
    if (tool === undefined) {
      const known = tools.map(({ name }) => name).join(', ');
      const message = `no tool is called ${shown(params['name'])}: there are ${known}`;
      throw new sdk.McpError(invalidParams, message);
    }
    return within(reading, extra, (session) => call(tool, params['arguments'], session));
  });
  addResources(server, sdk, reading);
  return server;
}

function addResources(server: SdkServer, sdk: Sdk, reading: Reading): void {
  server.setRequestHandler(sdk.ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: [runTemplate],
  }));
  server.setRequestHandler(sdk.ListResourcesRequestSchema, async (_, extra) => {
    const resources = await within(reading, extra, (session) => listResources(session));
    return { resources };
  });
  server.setRequestHandler(sdk.ReadResourceRequestSchema, async ({ params }, extra) => {
    const uri = String(params['uri']);
    const run = runOfUri(uri);
    if (run === undefined) {
      const message = `no resource is ${shown(uri)}: there is ${runTemplate.uriTemplate}`;
      throw new sdk.McpError(resourceNotFound, message, { uri });
    }
    const contents = await within(reading, extra, (session) =>
      readResource(uri, run, session).catch((error: unknown) => {
        const [said] = errorResult(error).content;
        throw new sdk.McpError(resourceNotFound, said?.text ?? '', { uri });
      }),
    );
    return { contents: [contents] };
  });
  server.setRequestHandler(sdk.CompleteRequestSchema, async ({ params }, extra) => {
    const typed = typedRun(params);
    if (typed === undefined) return { completion: { values: [] } };
    return { completion: await within(reading, extra, (session) => completeRun(typed, session)) };
  });
}

/** What was typed of a run's id; the SDK has checked the request's form. */
function typedRun(params: Readonly<Record<string, unknown>>): string | undefined {
  const { ref, argument } = params as {
    readonly ref: { readonly type: string; readonly uri?: string };
    readonly argument: { readonly name: string; readonly value: string };
  };
  const isOurs = ref.type === 'ref/resource' && ref.uri === runTemplate.uriTemplate;
  return isOurs && argument.name === 'id' ? argument.value : undefined;
}

function described(tool: Tool): object {
  const { name, title, description, parameters } = tool;
  return {
    name,
    title,
    description,
    inputSchema: inputSchema(parameters),
    outputSchema: outputSchema(tool),
    annotations,
  };
}

/** Whatever goes wrong is said to the model, which can ask again; only a cancelled call has no answer. */
async function call(tool: Tool, given: unknown, session: Session): Promise<ToolResult> {
  try {
    return resultOf(await tool.answer(readAsked(tool.name, tool.parameters, given), session));
  } catch (error) {
    return errorResult(error);
  }
}

/** Does the work as one call under way, with progress for who asked for it. */
async function within<Result>(
  reading: Reading,
  { signal, _meta, sendNotification }: Extra,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const progressToken = _meta?.progressToken;
  const progress = progressOf((records) => {
    if (progressToken === undefined || signal.aborted) return;
    const params = { progressToken, progress: records, message: `${records} records read` };
    // A client that is gone is no reason to stop: its signal is.
    sendNotification({ method: 'notifications/progress', params }).catch(() => undefined);
  });
  try {
    return await work({ reading, signal, progress: progress.add });
  } finally {
    await progress.done();
  }
}

function version(): string {
  // Of the package this file is in, at dist/src/cli/agent/server.js.
  const file = new URL('../../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
