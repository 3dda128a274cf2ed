// exports: BeginOptions, Carrier, CarrierForm, Context, CorrelationId, ErrorCode, Hlc, HybridClock, HybridClockOptions, IdSource, InjectOptions, Link, LinkCollector, LogFields, Merge, Origin, OtelApi, OtelSpanContext, RandomBytes, RemoteContext, SpanId, ThroughlineError, TimeSource, TraceId, Traceparent, TracestateMember, Trust, bind, correlationIdOf, correlationIdTimeMs, currentContext, extract, extractEnv, extractHeaders, extractMessage, extractOtel, formatTraceparent, formatTracestate, hlcAt, hlcMicroseconds, inject, injectEnv, links, logFields, mintCorrelationId, mintSpanId, parseCorrelationId, parseHlc, parseSpanId, parseTraceId, parseTraceparent, parseTracestate, processClock, runInContext, stampMessage, traceIdOf

export interface BeginOptions {
    readonly remote?: RemoteContext | undefined;
    readonly trust?: Trust;
    readonly origin?: Origin | undefined;
    readonly links?: readonly Link[];
    readonly sampled?: boolean;
    readonly ids?: IdSource;
}

type Branded<Name extends string> = string & {
    readonly [brand]: Name;
};

export interface Carrier {
    readonly traceparent: string;
    readonly tracestate: string;
    readonly baggage?: string;
}

export type CarrierForm = 'meta' | 'w3c' | 'params-meta' | 'finecode';

export declare class Context {
    #private;
    readonly parentSpanId: SpanId | undefined;
    readonly flags: number;
    readonly tracestate: readonly TracestateMember[];
    readonly origin: Origin | undefined;
    readonly links: readonly Link[];
    readonly baggage: string | undefined;
    private constructor();
    static begin(options?: BeginOptions): Context;
    get isRoot(): boolean;
    get traceId(): TraceId;
    get correlationId(): CorrelationId;
    get spanId(): SpanId;
    get traceparent(): string;
    get isMinted(): boolean;
    child(changes?: {
        readonly origin?: Origin;
        readonly links?: readonly Link[];
    }): Context;
    sibling(): Context;
    asLink(): Link;
}

export type CorrelationId = Branded<'CorrelationId'>;

export type ErrorCode = 'APPEND_REJECTED' | 'ARGUMENT_INVALID' | 'CONNECTION_UNSUPPORTED' | 'EXPORT_FAILED' | 'FRONT_FAILED' | 'PACKAGE_MISSING' | 'PROPAGATION_BROKEN' | 'RECORD_INVALID' | 'ROOT_UNUSABLE' | 'RUN_AMBIGUOUS' | 'RUN_NOT_FOUND' | 'STREAM_CLOSED' | 'STREAM_POISONED' | 'STREAM_UNREADABLE';

export type Hlc = string & {
    readonly [brand]: 'Hlc';
};

export declare class HybridClock {
    #private;
    constructor(options?: HybridClockOptions);
    get steps(): number;
    wallMicroseconds(): number;
    tick(): Hlc;
    read(): Reading;
    merge(remote: unknown): Merge;
    startAfter(hlc: Hlc): void;
}

export interface HybridClockOptions {
    readonly time?: TimeSource;
    readonly hlcDriftMsMax?: number;
}

export interface IdSource {
    readonly nowMs?: () => number;
    readonly random?: RandomBytes;
}

export interface InjectOptions {
    readonly clock?: HybridClock;
}

export interface Link {
    readonly traceId: TraceId;
    readonly spanId: SpanId;
}

export interface LinkCollector {
    add(context?: Context): number;
    run<Result>(fn: () => Result): Result;
}

export interface LogFields {
    readonly correlation_id?: string;
    readonly trace_id?: string;
    readonly span_id?: string;
    readonly trace_flags?: string;
}

export type Merge = 'followed' | 'ahead' | 'invalid';

export interface Origin {
    readonly front?: string;
    readonly method?: string;
    readonly name?: string;
    readonly client?: string;
}

export interface OtelApi {
    readonly context: {
        active(): unknown;
    };
    readonly trace: {
        getSpanContext(context: any): OtelSpanContext | undefined;
    };
}

export interface OtelSpanContext {
    readonly traceId: string;
    readonly spanId: string;
    readonly traceFlags: number;
    readonly traceState?: {
        serialize(): string;
    } | undefined;
}

export type RandomBytes = (target: Uint8Array) => Uint8Array;

export interface Reading {
    readonly microseconds: number;
    readonly hlc: Hlc;
}

export interface RemoteContext {
    readonly traceId: TraceId;
    readonly spanId: SpanId;
    readonly flags: number;
    readonly tracestate: readonly TracestateMember[];
    readonly hlc?: Hlc;
    readonly origin?: Origin;
    readonly links: readonly Link[];
    readonly baggage?: string;
}

export type SpanId = Branded<'SpanId'>;

export declare class ThroughlineError extends Error {
    readonly name = "ThroughlineError";
    readonly code: ErrorCode;
    constructor(code: ErrorCode, message: string, options?: {
        readonly cause?: unknown;
    });
}

export interface TimeSource {
    readonly wallMs: () => number;
    readonly monotonicMs: () => number;
}

export type TraceId = Branded<'TraceId'>;

export interface Traceparent {
    readonly traceId: TraceId;
    readonly spanId: SpanId;
    readonly flags: number;
}

export interface TracestateMember {
    readonly key: string;
    readonly value: string;
}

export type Trust = 'join' | 'link' | 'ignore';

export declare function bind<Arguments extends unknown[], Result>(fn: (...args: Arguments) => Result, context?: Context | undefined): (...args: Arguments) => Result;

declare const brand: unique symbol;

declare const brand: unique symbol;

export declare function correlationIdOf(traceId: TraceId): CorrelationId;

export declare function correlationIdTimeMs(correlationId: CorrelationId): number;

export declare function currentContext(): Context | undefined;

export declare function extract(carrier: unknown): RemoteContext | undefined;

export declare function extractEnv(env: Readonly<Record<string, string | undefined>>): RemoteContext | undefined;

export declare function extractHeaders(headers: unknown): RemoteContext | undefined;

export declare function extractMessage(message: unknown): RemoteContext | undefined;

export declare function extractOtel(api: OtelApi): RemoteContext | undefined;

export declare function formatTraceparent(value: Traceparent): string;

export declare function formatTracestate(members: readonly TracestateMember[]): string;

export declare function hlcAt(microseconds: number, counter?: number): Hlc;

export declare function hlcMicroseconds(hlc: Hlc): number;

export declare function inject(context: Context, options?: InjectOptions): Carrier;

export declare function injectEnv(context: Context, options?: InjectOptions): Record<string, string>;

export declare function links(origin?: Origin): LinkCollector;

export declare function logFields(context?: Context | undefined): LogFields;

export declare function mintCorrelationId(source?: IdSource): CorrelationId;

export declare function mintSpanId(source?: IdSource): SpanId;

export declare function parseCorrelationId(value: unknown): CorrelationId | undefined;

export declare function parseHlc(value: unknown): Hlc | undefined;

export declare function parseSpanId(value: unknown): SpanId | undefined;

export declare function parseTraceId(value: unknown): TraceId | undefined;

export declare function parseTraceparent(value: unknown): Traceparent | undefined;

export declare function parseTracestate(value: unknown): readonly TracestateMember[] | undefined;

export declare function processClock(): HybridClock;

export declare function runInContext<Result>(context: Context | undefined, fn: () => Result): Result;

export declare function stampMessage<Message extends object>(message: Message, context: Context, form?: CarrierForm, options?: InjectOptions): Message;

export declare function traceIdOf(correlationId: CorrelationId): TraceId;
