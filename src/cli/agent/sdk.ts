/**
 * The MCP SDK, version 1, an optional peer: loaded when the server is started, and by nothing else. Its types are not:
 * they need those of browsers. What is used of it is written down here.
 */
import { ThroughlineError } from '../../context/index.js';

/** What comes with a request. */
export interface Extra {
  readonly signal: AbortSignal;
  readonly _meta?: { readonly progressToken?: string | number };
  readonly sendNotification: (notification: {
    readonly method: string;
    readonly params: object;
  }) => Promise<void>;
}

export interface Incoming {
  readonly params: Readonly<Record<string, unknown>>;
}

export interface SdkServer {
  setRequestHandler(
    schema: unknown,
    handler: (request: Incoming, extra: Extra) => object | Promise<object>,
  ): void;
  connect(transport: object): Promise<void>;
}

export interface Sdk {
  readonly Server: new (info: object, options: object) => SdkServer;
  readonly StdioServerTransport: new () => object;
  /** Codes are JSON-RPC's. */
  readonly McpError: new (code: number, message: string, data?: unknown) => Error;
  readonly CallToolRequestSchema: unknown;
  readonly CompleteRequestSchema: unknown;
  readonly ListResourcesRequestSchema: unknown;
  readonly ListResourceTemplatesRequestSchema: unknown;
  readonly ListToolsRequestSchema: unknown;
  readonly ReadResourceRequestSchema: unknown;
}

const name = '@modelcontextprotocol/sdk';
const parts = ['server/index.js', 'server/stdio.js', 'types.js'] as const;

/** Throws `PACKAGE_MISSING`, which names the install command, when it is not there or cannot be loaded. */
export async function loadSdk(): Promise<Sdk> {
  try {
    const loaded: object[] = [];
    for (const part of parts) loaded.push((await import(`${name}/${part}`)) as object);
    return Object.assign({}, ...loaded) as Sdk;
  } catch (error) {
    const { code } = error as { code?: unknown };
    const why = code === 'ERR_MODULE_NOT_FOUND' ? 'is not installed' : 'cannot be loaded';
    throw new ThroughlineError(
      'PACKAGE_MISSING',
      `throughline mcp needs the package ${name}, which ${why}: npm install ${name}@1 where throughline is installed (-g if that is global)`,
      { cause: error },
    );
  }
}
