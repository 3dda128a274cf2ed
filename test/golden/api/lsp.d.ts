// exports: ConnectionOptions, CorrelatedOptions, RequestInfo, StampOptions, TracedConnection, TransportOptions, correlated, correlatedTransports, requestOf, showIds, stampWriter

// as in context.d.ts: BeginOptions, Branded, CarrierForm, Context, CorrelationId, Hlc, IdSource, Link, Merge, Origin, OtelApi, OtelSpanContext, RandomBytes, RemoteContext, SpanId, TraceId, TracestateMember, Trust, brand

export interface AnyCancellationReceiver {
    readonly kind?: 'id' | 'request' | undefined;
    createCancellationTokenSource(key: any): CancellationTokenSource;
    dispose?(): void;
}

export interface AnyCancellationStrategy {
    readonly receiver: AnyCancellationReceiver;
    readonly sender: CancellationSender;
}

export interface CancellationReceiver {
    readonly kind?: 'id';
    createCancellationTokenSource(id: string | number): CancellationTokenSource;
    dispose?(): void;
}

export interface CancellationSender {
    enableCancellation?(request: JsonRpcMessage): void;
    sendCancellation(connection: NotificationSender, id: string | number): Promise<void>;
    cleanup(id: string | number): void;
    dispose?(): void;
}

export interface CancellationStrategy {
    readonly receiver: CancellationReceiver;
    readonly sender: CancellationSender;
}

export interface CancellationToken {
    readonly isCancellationRequested: boolean;
    onCancellationRequested(listener: (event: unknown) => unknown, thisArgument?: unknown, disposables?: Disposable[]): Disposable;
}

export interface CancellationTokenSource {
    readonly token: CancellationToken;
    cancel(): void;
    dispose(): void;
}

export interface ConnectionOptions {
    messageStrategy: MessageStrategy;
    cancellationStrategy: CancellationStrategy;
    connectionStrategy?: ConnectionStrategy;
    maxParallelism?: number;
}

export interface ConnectionStrategy {
    cancelUndispatched?(message: JsonRpcMessage, next: (message: JsonRpcMessage) => JsonRpcResponse | undefined): JsonRpcResponse | undefined;
}

export interface CorrelatedOptions extends InboundOptions, UserStrategies {
    readonly client?: string | undefined;
}

export interface Disposable {
    dispose(): void;
}

export type Env = Readonly<Record<string, string | undefined>>;

export interface InboundOptions {
    readonly trust?: Trust | undefined;
    readonly env?: Env | undefined;
    readonly sampled?: boolean | undefined;
    readonly extract?: ((message: unknown) => RemoteContext | undefined) | undefined;
}

export interface JsonRpcMessage {
    readonly jsonrpc: string;
}

export interface JsonRpcResponse extends JsonRpcMessage {
    readonly id: string | number | null;
}

export interface MessageStrategy {
    handleMessage(message: JsonRpcMessage, next: (message: JsonRpcMessage) => void | Promise<void>): void | Promise<void>;
}

export interface NotificationSender {
    sendNotification(method: string, params: unknown): Promise<void>;
}

export interface RequestInfo {
    readonly method: string;
    readonly rpcId: string | number | undefined;
    readonly connection: string;
    readonly remote?: RemoteContext;
    readonly clock: Merge;
}

export interface StampOptions {
    readonly carrier?: CarrierForm | undefined;
    readonly responses?: boolean | undefined;
    readonly otel?: OtelApi | undefined;
}

export interface TracedConnection {
    readonly tracer: {
        log(message: string, verbose?: string): void;
    };
}

export interface TransportOptions {
    readonly client?: string | undefined;
    readonly carrier?: Exclude<CarrierForm, 'finecode'> | undefined;
    readonly env?: Env | undefined;
    readonly sampled?: boolean | undefined;
}

export interface UserStrategies {
    readonly messageStrategy?: MessageStrategy | undefined;
    readonly cancellationStrategy?: AnyCancellationStrategy | undefined;
    readonly connectionStrategy?: ConnectionStrategy | undefined;
    readonly maxParallelism?: number | undefined;
}

export declare function correlated(options?: CorrelatedOptions): ConnectionOptions;

export declare function correlatedTransports<Transports extends {
    readonly writer: object;
}>(start: () => Promise<Transports>, options?: TransportOptions): () => Promise<Transports>;

export declare function requestOf(context: Context | undefined): RequestInfo | undefined;

export declare function showIds(options: Pick<ConnectionOptions, 'messageStrategy'>, connection: TracedConnection): void;

export declare function stampWriter<Writer extends object>(writer: Writer, options?: StampOptions): Writer;
