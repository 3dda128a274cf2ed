// exports: CliCorrelation, CliOptions, correlateCli

// as in context.d.ts: BeginOptions, Branded, Context, CorrelationId, Hlc, IdSource, Link, Origin, OtelApi, OtelSpanContext, RandomBytes, RemoteContext, SpanId, TraceId, TracestateMember, Trust, brand

export interface CliCorrelation {
    readonly context: Context;
    run<Result>(fn: () => Result): Result;
    childEnv(context?: Context): Record<string, string>;
}

export interface CliOptions {
    readonly name: string;
    readonly version?: string | undefined;
    readonly env?: Readonly<Record<string, string | undefined>> | undefined;
    readonly trust?: Trust | undefined;
    readonly client?: string | undefined;
    readonly otel?: OtelApi | undefined;
    readonly sampled?: boolean | undefined;
}

export declare function correlateCli(options: CliOptions): CliCorrelation;
