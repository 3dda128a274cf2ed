// exports: CliCorrelation, CliOptions, correlateCli

// dist/adapters/cli/correlate.d.ts

export interface CliOptions {
    readonly name: string;
    readonly version?: string | undefined;
    readonly env?: Readonly<Record<string, string | undefined>> | undefined;
    readonly trust?: Trust | undefined;
    readonly client?: string | undefined;
    readonly otel?: OtelApi | undefined;
    readonly sampled?: boolean | undefined;
}

export interface CliCorrelation {
    readonly context: Context;
    run<Result>(fn: () => Result): Result;
    childEnv(context?: Context): Record<string, string>;
}

export declare function correlateCli(options: CliOptions): CliCorrelation;

// dist/src/context/context.d.ts: as in context.d.ts

// dist/src/context/hlc.d.ts: as in context.d.ts

// dist/src/context/ids.d.ts: as in context.d.ts

// dist/src/context/member.d.ts: as in context.d.ts

// dist/src/context/otel.d.ts: as in context.d.ts

// dist/src/context/random.d.ts: as in context.d.ts

// dist/src/context/tracestate.d.ts: as in context.d.ts
