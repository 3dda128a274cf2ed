// exports: CorrelateOptions, Correlation, McpPeer, McpServerHolder, correlate, correlatedFetch

// dist/adapters/mcp/correlate.d.ts

export declare function correlate(serverOrClient: McpPeer | McpServerHolder, options?: CorrelateOptions): Correlation;

// dist/adapters/mcp/fetch.d.ts

export declare function correlatedFetch<Fetch extends (input: never, init?: never) => unknown>(fetch: Fetch, options?: {
    readonly propagateTo?: readonly string[];
}): Fetch;

// dist/adapters/mcp/types.d.ts

export interface McpPeer {
    connect(transport: never): Promise<unknown>;
}

export interface McpServerHolder {
    readonly server: McpPeer;
}

export interface CorrelateOptions {
    readonly trust?: Trust;
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly client?: string;
    readonly otel?: OtelApi;
    readonly sampled?: boolean;
    readonly propagateTo?: readonly string[];
}

export interface Correlation {
    readonly dispose: () => void;
}

// dist/src/context/context.d.ts: as in context.d.ts

// dist/src/context/otel.d.ts: as in context.d.ts
