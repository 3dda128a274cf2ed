// exports: CorrelateOptions, Correlation, McpPeer, McpServerHolder, correlate, correlatedFetch

// as in context.d.ts: OtelApi, OtelSpanContext, Trust

export interface CorrelateOptions {
    readonly trust?: Trust;
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly client?: string;
    readonly otel?: OtelApi;
    readonly sampled?: boolean;
    readonly stateKey?: string | Uint8Array | false;
    readonly propagateTo?: readonly string[];
}

export interface Correlation {
    readonly dispose: () => void;
}

export interface FetchOptions {
    readonly propagateTo?: readonly string[];
}

export interface McpPeer {
    connect(transport: never): Promise<unknown>;
}

export interface McpServerHolder {
    readonly server: McpPeer;
}

export declare function correlate(serverOrClient: McpPeer | McpServerHolder, options?: CorrelateOptions): Correlation;

export declare function correlatedFetch<Fetch extends (input: never, init?: never) => unknown>(fetch: Fetch, options?: FetchOptions): Fetch;
