// exports: ContentHash, Effect, EffectOf, Entry, FieldMatch, Finding, FindingName, FineCodeSourceOptions, FollowItem, FollowOptions, Imported, JoinConfidence, Journal, JournalItem, JournalOptions, JsonObject, JsonlSourceOptions, Lookup, LookupOptions, Moment, Newest, OpenSpan, Reconciliation, RecordFilter, RecordReference, Recovery, ReplayFrom, ReplayPosition, Replayed, Request, RequestList, RootProblem, Source, SourceFault, SourceItem, Span, SpanKind, State, StopSignal, Story, StoryOptions, StreamCondition, StreamFault, StreamReport, StreamSource, Truth, Visit, WriterState, effectsOn, findRequests, finecodeSource, follow, isImportedWriter, jsonlSource, lastRecord, openJournal, openSpans, parseMatch, positionOf, readRequests, readStory, reconcile, recordFilter, replay, roleOfWriter, truthOf, walk

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
    readonly file: string;
    readonly offset: number;
    readonly event: string;
    readonly at: Moment;
    readonly correlationId: CorrelationId | undefined;
    readonly spanId: SpanId | undefined;
    readonly parentSpanId: SpanId | undefined;
    readonly runId: string | undefined;
    readonly action: string | undefined;
    readonly trigger: string | undefined;
    readonly env: string | undefined;
    readonly project: string | undefined;
    readonly origin: Origin | undefined;
    readonly links: readonly Link[];
    readonly payload: JsonObject;
    readonly record: JsonObject;
    readonly acknowledged: 'yes' | 'unknown';
    readonly imported?: Imported | undefined;
}

export interface EntryLine {
    readonly sequence: number;
    readonly file: string;
    readonly offset: number;
    readonly text: string;
    readonly acknowledged: 'yes' | 'unknown';
    readonly imported?: Imported | undefined;
    readonly parsed?: JsonObject | undefined;
}

export interface FieldMatch {
    readonly field: string;
    readonly value: string;
}

export interface Finding {
    readonly name: FindingName;
    readonly message: string;
    readonly recovery: Recovery;
    readonly because: string;
    readonly records: readonly RecordReference[];
    readonly correlationId?: CorrelationId;
    readonly entrySpanId?: SpanId;
    readonly spanId?: SpanId;
    readonly repeat?: 'duplicate delivery' | 'probably a retry' | 'unknown';
}

export type FindingName = 'clock_step' | 'dispatched_unseen' | 'effect_before_cause' | 'ended_twice' | 'ended_unrecorded' | 'file_shared' | 'join_ambiguous' | 'line_glued' | 'orphan_parent' | 'repeated' | 'run_dangling' | 'run_unrecorded';

export interface FineCodeSourceOptions {
    readonly places: readonly string[];
    readonly roots?: readonly string[] | undefined;
}

export type FollowItem = {
    readonly kind: 'entry';
    readonly entry: Entry;
    readonly stream: StreamReport;
    readonly isLate: boolean;
    readonly cursor: string;
} | {
    readonly kind: 'fault';
    readonly fault: StreamFault;
    readonly stream: StreamReport;
    readonly cursor: string;
} | {
    readonly kind: 'caught_up';
    readonly cursor: string;
};

export interface FollowOptions extends JournalOptions {
    readonly cursor?: string | undefined;
    readonly from?: 'start' | 'end' | undefined;
    readonly holdMs?: number | undefined;
    readonly pollIntervalMs?: number | undefined;
    readonly signal?: StopSignal | undefined;
}

export interface HostIdentity {
    readonly machine: string | undefined;
    readonly boot: string | undefined;
    readonly pidNamespace: string | undefined;
    readonly processOf: (pid: number) => ProcessState;
}

export interface Imported {
    readonly correlationId?: CorrelationId | undefined;
    readonly spanId?: SpanId | undefined;
    readonly parentSpanId?: SpanId | undefined;
    readonly join?: JoinConfidence | undefined;
    readonly candidates?: readonly Link[] | undefined;
    readonly kind?: SpanKind | undefined;
    readonly env?: string | undefined;
    readonly front?: string | undefined;
    readonly isPart?: boolean | undefined;
    readonly isEndInferred?: boolean | undefined;
}

export type JoinConfidence = 'exact' | 'inferred' | 'ambiguous';

export interface Journal {
    readonly problems: readonly RootProblem[];
    readonly streams: readonly StreamReport[];
    readonly notRead: number;
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
    readonly sources?: readonly Source[] | undefined;
    readonly here?: HostIdentity | undefined;
    readonly since?: number | undefined;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export interface JsonlSourceOptions {
    readonly file: string;
    readonly name?: string | undefined;
    readonly fields: Readonly<Record<string, string>>;
}

export interface Lookup {
    readonly requests: readonly Request[];
    readonly story: Story;
}

export interface LookupOptions extends StoryOptions {
    readonly cacheDirectory?: string | undefined;
    readonly uncachedBytesMax?: number | undefined;
}

export interface Moment {
    readonly ts: string;
    readonly microseconds: number;
    readonly hlc: Hlc;
}

export declare class Newest<Item> {
    #private;
    dropped: number;
    constructor(countMax: number);
    add(item: Item): void;
    items(): readonly Item[];
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

export interface Reconciliation {
    readonly findings: readonly Finding[];
    readonly story: Story;
    readonly isCut: boolean;
}

export interface RecordFilter {
    readonly since?: number | undefined;
    readonly until?: number | undefined;
    readonly matches?: readonly FieldMatch[] | undefined;
}

export interface RecordReference {
    readonly root: string;
    readonly writerId: string;
    readonly sequence: number;
    readonly file: string;
    readonly offset: number;
    readonly event: string;
    readonly ts: string;
}

export type Recovery = 'safe to re-run' | 'already done' | 'unknown';

export type Remember = (segment: {
    readonly path: string;
    readonly bytes: number;
    readonly seal: string;
}) => SegmentMemory | undefined;

export interface ReplayFrom<State> {
    readonly state: State;
    readonly last?: ReplayPosition | undefined;
}

export interface ReplayPosition {
    readonly hlc: string;
    readonly root: string;
    readonly writerId: string;
    readonly sequence: number;
}

export interface Replayed<State> {
    readonly state: State;
    readonly last: ReplayPosition | undefined;
    readonly records: number;
}

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
    readonly join: JoinConfidence | undefined;
    readonly candidates: readonly Link[];
    readonly isEndInferred: boolean;
    readonly streams: readonly StreamReport[];
    readonly roots: readonly Span[];
}

export interface RequestList extends Iterable<Request> {
    readonly length: number;
    at(index: number): Request | undefined;
}

export interface RootProblem {
    readonly root: string;
    readonly message: string;
}

export interface SegmentMemory {
    mayHold(text: string): boolean;
    look(block: {
        readonly bytes: Uint8Array;
        readonly start: number;
        readonly end: number;
    }): void;
    done(): void;
}

export interface Source {
    list(since?: number): Promise<{
        readonly streams: readonly StreamSource[];
        readonly problems: readonly RootProblem[];
        readonly notRead?: number;
    }>;
    findings?(): readonly Finding[];
}

export interface SourceFault {
    readonly verdict: string;
    readonly file: string;
    readonly offset: number;
    readonly message: string;
    readonly bytes?: number;
    readonly sequenceFrom?: number;
    readonly sequenceTo?: number;
}

export type SourceItem = (EntryLine & {
    readonly kind: 'line';
    readonly hlc: string;
}) | {
    readonly kind: 'fault';
    readonly fault: SourceFault;
};

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
    readonly isAnswerOfAttempt: boolean;
    readonly cancelRequested: string | undefined;
    readonly cancelRequestedAt: Moment | undefined;
    readonly clientGone: boolean;
    readonly clientGoneAt: Moment | undefined;
    readonly attempt: number | undefined;
    readonly runner: string | undefined;
    readonly runId: string | undefined;
    readonly trigger: string | undefined;
    readonly env: string | undefined;
    readonly origin: Origin | undefined;
    readonly peer: JsonObject | undefined;
    readonly links: readonly Link[];
    readonly isNewRoot: boolean;
    readonly join: JoinConfidence | undefined;
    readonly candidates: readonly Link[];
    readonly isEndInferred: boolean;
    readonly resolution: string | undefined;
    readonly effects: readonly Effect[];
    readonly children: readonly Span[];
}

export type SpanKind = 'run' | 'dispatch' | 'handler' | 'other';

export type State = 'completed' | 'failed' | 'cancelled' | 'rejected' | 'in_flight' | 'lost' | 'unknown';

export interface StopSignal {
    readonly aborted: boolean;
    addEventListener(type: 'abort', listener: () => void): void;
}

export interface Story {
    readonly requests: RequestList;
    readonly streams: readonly StreamReport[];
    readonly truth: Truth;
    readonly end: Moment | undefined;
}

export interface StoryOptions extends JournalOptions {
    readonly at?: number | undefined;
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
    readonly opened: JsonObject | undefined;
    readonly isWhole: boolean;
}

export interface StreamSource {
    readonly root: string;
    readonly role: string;
    readonly writerId: string;
    readonly copies?: number;
    readonly segments?: number;
    readonly isLater?: boolean;
    readonly writer?: WriterState;
    scan(): AsyncIterable<readonly SourceItem[]>;
    search?(text: string, remember?: Remember): AsyncIterable<readonly SourceItem[]>;
    bytes?(): number;
    ends?(): Promise<readonly SourceItem[]>;
    first?(): Promise<Hlc | undefined>;
    endedBefore?(microseconds: number): Promise<boolean>;
}

export interface Truth {
    readonly streams: number;
    readonly conditions: Readonly<Partial<Record<StreamCondition, number>>>;
    readonly records: number;
    readonly duplicates: number;
    readonly foreign: number;
    readonly unknownEvents: number;
    readonly attemptsUnseen: number;
    readonly notRead: number;
    readonly searched: number;
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

export declare function effectsOn(requests: RequestList, paths: readonly string[]): readonly EffectOf[];

export declare function findRequests(requests: RequestList, reference: string, doubt?: string): readonly Request[];

export declare function finecodeSource(options: FineCodeSourceOptions): Source;

export declare function follow(options: FollowOptions): AsyncGenerator<FollowItem, void, undefined>;

export declare function isImportedWriter(writerId: string): boolean;

export declare function jsonlSource(options: JsonlSourceOptions): Source;

export declare function lastRecord(span: Span): Span['last'];

export declare function openJournal(options: JournalOptions): Promise<Journal>;

export declare function openSpans(requests: RequestList): readonly OpenSpan[];

export declare function parseMatch(text: string): FieldMatch | undefined;

export declare function positionOf(entry: Entry): ReplayPosition;

export declare function readRequests(options: LookupOptions, reference: string): Promise<Lookup>;

export declare function readStory(options: StoryOptions): Promise<Story>;

export declare function reconcile(options: JournalOptions): Promise<Reconciliation>;

export declare function recordFilter(filter: RecordFilter): (entry: Entry) => boolean;

export declare function replay<State>(records: AsyncIterable<Entry> | Iterable<Entry>, reducer: (state: State, entry: Entry) => State | Promise<State>, from: ReplayFrom<State>): Promise<Replayed<State>>;

export declare function roleOfWriter(writerId: string): string;

export declare function text(value: unknown): string | undefined;

export declare function truthOf(streams: readonly StreamReport[], problems?: readonly RootProblem[], counts?: {
    readonly attemptsUnseen?: number;
    readonly notRead?: number;
    readonly searched?: number;
}): Truth;

export declare function walk<Node extends Span>(roots: readonly Node[]): Generator<Visit<Node>, void, undefined>;
