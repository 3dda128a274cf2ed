// exports: Attempt, CancelSignal, Dispatch, Durability, FileState, FileUrl, Fingerprint, Json, JsonObject, McpMethods, OnFailure, OpenRun, RecordMcpOptions, RecordableConnection, RecordedMethod, RecordedMethods, Recorder, RecorderMetrics, RecorderOptions, Resolution, Rpc, Run, RunDescriptor, RunnerEvent, Scalar, StreamMetrics, Touch, currentRun, openRecorder, paramsHash, pickScalars, recordJsonRpc, recordMcp

// as in context.d.ts: BeginOptions, Branded, Context, CorrelationId, Hlc, HybridClock, HybridClockOptions, IdSource, Link, Merge, Origin, OtelApi, OtelSpanContext, RandomBytes, Reading, RemoteContext, SpanId, TimeSource, TraceId, TracestateMember, Trust, brand

/// <reference lib="esnext.disposable" preserve="true" />

export interface Attempt {
    readonly attempt: number;
    readonly runner: string;
    readonly context: Context;
}

export interface CancelSignal {
    readonly aborted: boolean;
    readonly reason?: unknown;
    addEventListener(type: 'abort', listener: () => void, options?: {
        once?: boolean;
    }): void;
    removeEventListener(type: 'abort', listener: () => void): void;
}

export interface CheckpointKey {
    readonly id: string;
    readonly privateKey: string;
    readonly intervalMs?: number | undefined;
    readonly onCheckpoint?: ((note: string) => void) | undefined;
}

export interface CorrelateOptions {
    readonly trust?: Trust;
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly client?: string;
    readonly otel?: OtelApi;
    readonly sampled?: boolean;
    readonly stateKey?: string | Uint8Array | false;
    readonly propagateTo?: readonly string[];
}

export interface Dispatch {
    readonly runner: string;
    readonly env?: string | undefined;
    readonly attempt?: number | undefined;
    readonly rpc?: Rpc | undefined;
}

export type Durability = 'barrier' | 'relaxed' | 'none';

export type Env = Readonly<Record<string, string | undefined>>;

export type FileState = Uint8Array | string | Fingerprint | null;

export interface FileSystem {
    makeDirectory(path: string): boolean;
    createFile(path: string): number;
    write(descriptor: number, bytes: Uint8Array, position: number): number;
    datasync(descriptor: number): void;
    openDurable(descriptor: number, isDirect: boolean): number | undefined;
    isLinked(descriptor: number): boolean;
    truncate(descriptor: number, length: number): void;
    close(descriptor: number): void;
    syncDirectory(path: string): void;
    removeFile(path: string): void;
    removeDirectory(path: string): void;
}

export interface FileUrl {
    readonly href: string;
}

export interface Fingerprint {
    readonly sha256: string;
    readonly bytes: number;
}

type From<Value> = Value | ((params: Params) => Value | undefined);

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
    readonly [member: string]: Json | undefined;
}

export interface Limits {
    readonly recordBytesMax?: number;
    readonly segmentBytesMax?: number;
    readonly flushBytesMax?: number;
    readonly bytesPendingMax?: number;
    readonly relaxedDelayMsMax?: number;
    readonly barrierWaitMsMax?: number;
    readonly aliveIntervalMs?: number;
    readonly reopenDelayMs?: number;
    readonly closeWaitMsMax?: number;
}

export type McpMethods = Readonly<Record<string, RecordedMethod | false>>;

export interface McpPeer {
    connect(transport: never): Promise<unknown>;
}

export interface McpServerHolder {
    readonly server: McpPeer;
}

export type OnFailure = 'degrade' | 'reject' | 'exit';

export interface OpenRun {
    readonly runId: string;
    readonly writerId: string;
    readonly verdict: 'lost' | 'in_flight' | 'unknown';
    readonly evidence: string;
    readonly action: string;
    readonly projectPath: string;
    readonly correlationId: string;
    readonly spanId: string;
    readonly parentSpanId?: string;
    readonly paramsHash?: string;
    readonly accepted: string;
    readonly lastSeen: string;
    readonly lastEvent: string;
    readonly dispatches: number;
    readonly effects: number;
}

type Params = any;

export interface RecordMcpOptions {
    readonly methods?: McpMethods | undefined;
    readonly correlate?: CorrelateOptions | undefined;
}

export interface RecordableConnection {
    onRequest: (...parameters: never[]) => unknown;
    onNotification?: (...parameters: never[]) => unknown;
    onClose?: (listener: () => void) => unknown;
    onDispose?: (listener: () => void) => unknown;
}

export interface RecordedMethod {
    readonly action?: From<string> | undefined;
    readonly durability?: Durability | undefined;
    readonly project?: From<string> | undefined;
    readonly env?: From<string> | undefined;
    readonly trigger?: From<string> | undefined;
    readonly devEnv?: From<string> | undefined;
    readonly summary?: readonly string[] | ((params: Params) => Readonly<Record<string, Scalar | undefined>>) | undefined;
    readonly hash?: boolean | undefined;
    readonly dispatch?: From<Dispatch> | undefined;
    readonly peer?: From<JsonObject> | undefined;
}

export type RecordedMethods = Readonly<Record<string, RecordedMethod>>;

export declare class Recorder {
    #private;
    get writerId(): string;
    get root(): string;
    run<Result>(descriptor: RunDescriptor, fn: (run: Run) => Result | Promise<Result>): Promise<Result>;
    recordRunner(what: 'started' | 'failed' | 'stopped', event: RunnerEvent): void;
    childEnv(): Record<string, string | undefined>;
    recover(options?: {
        readonly role?: string | undefined;
    }): Promise<readonly OpenRun[]>;
    resolve(run: OpenRun, resolution: Resolution, rerun?: Run): Promise<void>;
    metrics(): RecorderMetrics;
    flush(): Promise<void>;
    close(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}

export interface RecorderMetrics {
    readonly runsOpen: number;
    readonly runsAccepted: number;
    readonly recordsLost: number;
    readonly misuses: number;
    readonly stream: StreamMetrics;
}

export interface RecorderOptions extends Limits, Pick<StreamOptions, 'checkpointKey' | 'onFull' | 'preallocateBytes' | 'retention' | 'sealOnExit'> {
    readonly role: 'wm' | 'er' | (string & {});
    readonly root?: string | undefined;
    readonly workspace?: string | undefined;
    readonly env?: Env | undefined;
    readonly name?: string | undefined;
    readonly sync?: 'worker' | 'inline' | undefined;
    readonly onFailure?: OnFailure | undefined;
}

export type Resolution = 'abandoned' | 'rerun' | 'done';

export interface RetentionLimits {
    readonly ageMsMax: number;
    readonly bytesMax: number;
    readonly lostRunMsMax: number;
}

export interface RetentionOptions extends Partial<RetentionLimits> {
    readonly delayMs?: number;
}

export interface Rpc {
    readonly connection?: string | undefined;
    readonly id?: string | number | null | undefined;
}

export declare class Run {
    #private;
    readonly id: string;
    readonly context: Context;
    get isSettled(): boolean;
    selected(choice: {
        readonly runner: string;
        readonly env?: string | undefined;
    }): void;
    dispatched<Result>(dispatch: Dispatch, fn: (attempt: Attempt) => Result | Promise<Result>): Promise<Result>;
    handler<Result>(name: string, fn: () => Result | Promise<Result>): Promise<Result>;
    touched(path: string | FileUrl, touch: Touch): Promise<void>;
    partialSent(options?: {
        readonly isFinal?: boolean | undefined;
    }): void;
    cancelRequested(reason?: string): void;
    clientGone(reason?: string): void;
    rejected(code: string, reason: string): Promise<void>;
}

export interface RunDescriptor {
    readonly action: string;
    readonly projectPath?: string | undefined;
    readonly context?: Context | undefined;
    readonly trigger?: string | undefined;
    readonly devEnv?: string | undefined;
    readonly envName?: string | undefined;
    readonly params?: unknown;
    readonly summary?: Readonly<Record<string, Scalar | undefined>> | undefined;
    readonly durability?: Durability | undefined;
    readonly rpc?: Rpc | undefined;
    readonly peer?: JsonObject | undefined;
    readonly dispatch?: Dispatch | undefined;
    readonly signal?: CancelSignal | undefined;
    readonly answers?: boolean | undefined;
}

export interface RunnerEvent {
    readonly runner: string;
    readonly env?: string | undefined;
    readonly pid?: number | undefined;
    readonly exitCode?: number | null | undefined;
    readonly signal?: string | null | undefined;
    readonly error?: unknown;
}

export type Scalar = string | number | boolean | null;

export interface StreamMetrics {
    readonly records: number;
    readonly bytes: number;
    readonly flushes: number;
    readonly syncs: number;
    readonly rotations: number;
    readonly failovers: number;
    readonly late: number;
    readonly dropped: number;
    readonly bytesPending: number;
    readonly recordsPending: number;
    readonly flushRecordsMax: number;
    readonly syncHistogram: readonly {
        readonly leMs: number;
        readonly count: number;
    }[];
    readonly lastError: string | undefined;
}

export interface StreamOptions extends Limits {
    readonly root: string;
    readonly role: string;
    readonly clock?: HybridClock | undefined;
    readonly sync?: 'worker' | 'inline' | undefined;
    readonly fs?: FileSystem | undefined;
    readonly projectPath?: string | undefined;
    readonly header?: JsonObject | undefined;
    readonly onFailure?: OnFailure | undefined;
    readonly onFull?: 'wait' | 'reject' | undefined;
    readonly preallocateBytes?: number | undefined;
    readonly retention?: RetentionOptions | false | undefined;
    readonly checkpointKey?: CheckpointKey | undefined;
    readonly sealOnExit?: boolean | undefined;
}

export interface Touch {
    readonly before: FileState | undefined;
    readonly after: FileState | undefined;
}

export declare function currentRun(): Run | undefined;

export declare function openRecorder(options: RecorderOptions): Promise<Recorder>;

export declare function paramsHash(params: unknown): string | undefined;

export declare function pickScalars(params: unknown, names: readonly string[]): Readonly<Record<string, Scalar>>;

export declare function recordJsonRpc(connection: RecordableConnection, recorder: Recorder, methods: RecordedMethods): {
    dispose(): void;
};

export declare function recordMcp(server: McpPeer | McpServerHolder, recorder: Recorder, options?: RecordMcpOptions): {
    readonly dispose: () => void;
};
