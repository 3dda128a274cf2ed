/** A real MCP client with `throughline mcp` as a real child process. Every answer is checked against its schema. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import { bin, plainEnv } from '../bin.js';
import { closed } from '../schema.js';

export type Json = Readonly<Record<string, unknown>>;

export interface NextCall {
  readonly tool: string;
  readonly arguments: Json;
}

/** What an agent gets. */
export interface Answered {
  readonly text: string;
  readonly isError: boolean;
  /** Empty for an error. */
  readonly structured: Json;
  readonly next: readonly NextCall[];
}

export interface Agent extends AsyncDisposable {
  readonly client: Client;
  readonly pid: number;
  ask(tool: string, given?: Json, options?: AskOptions): Promise<Answered>;
  /** Makes a call that an answer named. */
  make(call: NextCall | undefined): Promise<Answered>;
  stderr(): string;
}

interface AskOptions {
  readonly signal?: AbortSignal;
  readonly onprogress?: (progress: { progress: number }) => void;
}

export interface AgentOptions {
  readonly roots: readonly string[];
  /** Before the script: Node's own. */
  readonly node?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** `format`s are for people; nothing here checks them. */
function validatorFor(schema: object): ValidateFunction {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  return ajv.compile(closed(schema) as object);
}

export async function startAgent({
  roots,
  node = [],
  env = {},
  cwd,
}: AgentOptions): Promise<Agent> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [...node, bin, 'mcp', ...roots.flatMap((root) => ['--root', root])],
    env: { ...(plainEnv as Record<string, string>), ...env },
    stderr: 'pipe',
    ...(cwd === undefined ? {} : { cwd }),
  });
  let stderr = '';
  transport.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const client = new Client({ name: 'test-agent', version: '1.0.0' });
  await client.connect(transport);
  const { tools } = await client.listTools();
  const validators = new Map(
    tools.map(({ name, outputSchema }) => [name, validatorFor(outputSchema ?? {})]),
  );
  const ask: Agent['ask'] = async (tool, given = {}, options = {}) => {
    // The client checks structured content against the schema, too, and throws.
    const result = await client.callTool(
      { name: tool, arguments: { ...given } },
      undefined,
      options,
    );
    const [content] = result.content as readonly { readonly text: string }[];
    const answered: Answered = {
      text: content?.text ?? '',
      isError: result.isError === true,
      structured: (result.structuredContent ?? {}) as Json,
      next: ((result.structuredContent as Json | undefined)?.['next'] ?? []) as readonly NextCall[],
    };
    if (!answered.isError) {
      const validate = validators.get(tool);
      validate?.(answered.structured);
      expect(validate?.errors ?? [], `${tool} ${JSON.stringify(given)}`).toEqual([]);
    }
    return answered;
  };
  return {
    client,
    pid: transport.pid ?? 0,
    ask,
    make: async (call) => {
      if (call === undefined) throw new Error('the answer named no call');
      return ask(call.tool, call.arguments);
    },
    stderr: () => stderr,
    [Symbol.asyncDispose]: async () => {
      await client.close();
    },
  };
}

/** The items of a list in an answer. */
export function listIn(answered: Answered, member: string): readonly Json[] {
  return answered.structured[member] as readonly Json[];
}

/** What an item quotes. */
export function dataOf(item: unknown): Json {
  return (item as { readonly data: Json }).data;
}

/** A call as answers write it. */
export function callTextOf(call: NextCall): string {
  return `${call.tool} ${JSON.stringify(call.arguments)}`;
}
