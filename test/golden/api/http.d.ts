// exports: FetchOptions, HttpMiddleware, HttpOptions, HttpRequest, correlateHttp, correlatedFetch

// as in context.d.ts: OtelApi, OtelSpanContext, Trust

export interface FetchOptions {
    readonly propagateTo?: readonly string[];
}

export type HttpMiddleware = <Result>(request: HttpRequest, response: object, next: () => Result) => Result;

export interface HttpOptions {
    readonly trust?: Trust | undefined;
    readonly env?: Readonly<Record<string, string | undefined>> | undefined;
    readonly front?: string | undefined;
    readonly name?: ((request: HttpRequest) => string | undefined) | undefined;
    readonly client?: string | undefined;
    readonly otel?: OtelApi | undefined;
    readonly sampled?: boolean | undefined;
}

export interface HttpRequest {
    readonly headers: object;
    readonly method?: string | undefined;
    readonly url?: string | undefined;
    readonly socket?: {
        readonly remoteAddress?: string | undefined;
        readonly destroyed?: boolean | undefined;
    };
}

export declare function correlateHttp(options?: HttpOptions): HttpMiddleware;

export declare function correlatedFetch<Fetch extends (input: never, init?: never) => unknown>(fetch: Fetch, options?: FetchOptions): Fetch;
