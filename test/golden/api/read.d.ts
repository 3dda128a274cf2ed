// exports: ContentHash, Effect, EffectOf, Entry, Journal, JournalItem, JournalOptions, JsonObject, Moment, OpenSpan, Request, RootProblem, Span, SpanKind, State, Story, StreamCondition, StreamFault, StreamReport, Truth, Visit, WriterState, effectsOn, findRequests, lastRecord, openJournal, openSpans, readStory, truthOf, walk

// as in context.d.ts: Branded, CorrelationId, Hlc, Link, Origin, SpanId, TraceId, brand

export interface ContentHash {
    readonly sha256: string;
    readonly bytes?: number;
}

export interface Effect {
    readonly path: string;
    readonly change: string;
    readonly before?: ContentHash;
    readonly after?: ContentHash;
    readonly inferred: boolean;
    readonly at: Moment;
    readonly writerId: string;
}

export interface EffectOf {
    readonly effect: Effect;
    readonly span: Span;
    readonly request: Request;
}

export interface Entry {
    readonly root: string;
    readonly writerId: string;
    readonly sequence: number;
    readonly event: string;
    readonly at: Moment;
    readonly correlationId?: CorrelationId;
    readonly spanId?: SpanId;
    readonly parentSpanId?: SpanId;
    readonly runId?: string;
    readonly action?: string;
    readonly trigger?: string;
    readonly env?: string;
    readonly project?: string;
    readonly origin?: Origin;
    readonly links: readonly Link[];
    readonly payload: JsonObject;
    readonly record: JsonObject;
    readonly acknowledged: 'yes' | 'unknown';
}

export interface HostIdentity {
    readonly machine: string | undefined;
    readonly boot: string | undefined;
    readonly pidNamespace: string | undefined;
    readonly processOf: (pid: number) => ProcessState;
}

export interface Journal {
    readonly problems: readonly RootProblem[];
    readonly streams: readonly StreamReport[];
    items(): AsyncGenerator<JournalItem, void, undefined>;
}

export type JournalItem = {
    readonly kind: 'entry';
    readonly entry: Entry;
    readonly stream: StreamReport;
} | {
    readonly kind: 'fault';
    readonly fault: StreamFault;
    readonly stream: StreamReport;
};

export interface JournalOptions {
    readonly roots: readonly string[];
    readonly here?: HostIdentity;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export interface Moment {
    readonly ts: string;
    readonly microseconds: number;
    readonly hlc: Hlc;
}

export interface OpenSpan {
    readonly request: Request;
    readonly span: Span;
    readonly state: Span['state'];
    readonly last: Span['last'];
    readonly waitsFor: readonly Span[];
    readonly waitsForUnseen: readonly string[];
}

export type ProcessState = {
    readonly state: 'absent' | 'unknown';
} | {
    readonly state: 'running';
    readonly start: string;
};

export interface Request {
    readonly correlationId: CorrelationId;
    readonly traceId: TraceId;
    readonly entrySpanId: SpanId;
    readonly state: State;
    readonly why: string;
    readonly decidedBy: Span | undefined;
    readonly started: Moment;
    readonly ended: Moment | undefined;
    readonly durationMs: number | undefined;
    readonly last: Moment & {
        readonly event: string;
    };
    readonly origin: Origin | undefined;
    readonly via: string | undefined;
    readonly client: string | undefined;
    readonly what: string;
    readonly links: readonly Link[];
    readonly spans: number;
    readonly open: number;
    readonly lost: number;
    readonly unknown: number;
    readonly records: number;
    readonly effects: number;
    readonly effectsInferred: number;
    readonly answered: boolean | undefined;
    readonly resolution: string | undefined;
    readonly streams: readonly StreamReport[];
    readonly roots: readonly Span[];
}

export interface RootProblem {
    readonly root: string;
    readonly message: string;
}

export interface Span {
    readonly correlationId: CorrelationId;
    readonly spanId: SpanId;
    readonly parentSpanId: SpanId | undefined;
    readonly kind: SpanKind;
    readonly name: string;
    readonly root: string;
    readonly writerId: string;
    readonly started: Moment | undefined;
    readonly ended: Moment | undefined;
    readonly first: Moment;
    readonly last: Moment & {
        readonly event: string;
    };
    readonly durationMs: number | undefined;
    readonly records: number;
    readonly terminals: number;
    readonly state: State;
    readonly open: boolean;
    readonly why: string;
    readonly error: {
        readonly code?: string;
        readonly class?: string;
        readonly message?: string;
    } | undefined;
    readonly answered: boolean | undefined;
    readonly cancelRequested: string | undefined;
    readonly clientGone: boolean;
    readonly attempt: number | undefined;
    readonly runner: string | undefined;
    readonly runId: string | undefined;
    readonly trigger: string | undefined;
    readonly env: string | undefined;
    readonly origin: Origin | undefined;
    readonly peer: JsonObject | undefined;
    readonly links: readonly Link[];
    readonly isNewRoot: boolean;
    readonly resolution: string | undefined;
    readonly effects: readonly Effect[];
    readonly children: readonly Span[];
}

export type SpanKind = 'run' | 'dispatch' | 'handler' | 'other';

export type State = 'completed' | 'failed' | 'cancelled' | 'rejected' | 'in_flight' | 'lost' | 'unknown';

export interface Story {
    readonly requests: readonly Request[];
    readonly streams: readonly StreamReport[];
    readonly truth: Truth;
    readonly end: Moment | undefined;
}

export type StreamCondition = 'complete' | 'live' | 'unsealed' | 'torn' | 'gap' | 'damaged' | 'unknown' | 'unreadable';

export interface StreamFault {
    readonly verdict: string;
    readonly file: string;
    readonly offset: number;
    readonly message: string;
    readonly bytes?: number;
    readonly sequenceFrom?: number;
    readonly sequenceTo?: number;
    readonly after: Hlc;
}

export interface StreamReport {
    readonly root: string;
    readonly role: string;
    readonly writerId: string;
    readonly records: number;
    readonly first: Moment | undefined;
    readonly last: (Moment & {
        readonly event: string;
        readonly sequence: number;
    }) | undefined;
    readonly sealed: boolean;
    readonly writer: WriterState;
    readonly condition: StreamCondition;
    readonly faults: readonly StreamFault[];
    readonly duplicates: number;
    readonly isForeign: boolean;
    readonly unknownEvents: number;
}

export interface Truth {
    readonly streams: number;
    readonly conditions: Readonly<Partial<Record<StreamCondition, number>>>;
    readonly records: number;
    readonly duplicates: number;
    readonly foreign: number;
    readonly unknownEvents: number;
    readonly attemptsUnseen: number;
    readonly problems: readonly RootProblem[];
}

export interface Visit<Node> {
    readonly span: Node;
    readonly depth: number;
}

export interface WriterState {
    readonly state: 'alive' | 'gone' | 'unknown';
    readonly evidence: string;
}

export declare function effectsOn(requests: readonly Request[], paths: readonly string[]): readonly EffectOf[];

export declare function findRequests(requests: readonly Request[], reference: string): readonly Request[];

export declare function lastRecord(span: Span): Span['last'];

export declare function openJournal(options: JournalOptions): Promise<Journal>;

export declare function openSpans(requests: readonly Request[]): readonly OpenSpan[];

export declare function readStory(options: JournalOptions): Promise<Story>;

export declare function truthOf(streams: readonly StreamReport[], problems?: readonly RootProblem[], attemptsUnseen?: number): Truth;

export declare function walk<Node extends Span>(roots: readonly Node[]): Generator<Visit<Node>, void, undefined>;
