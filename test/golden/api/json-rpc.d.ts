// exports: ConnectionOptions, CorrelatedOptions, RequestInfo, StampOptions, correlated, requestOf, stampWriter

// dist/adapters/json-rpc/correlated.d.ts

export interface CorrelatedOptions extends InboundOptions, UserStrategies {
    readonly front?: string | undefined;
    readonly client?: string | undefined;
}

export declare function correlated(options?: CorrelatedOptions): ConnectionOptions;

// dist/src/context/context.d.ts: as in context.d.ts

// dist/src/context/hlc.d.ts: as in context.d.ts

// dist/src/context/ids.d.ts: as in context.d.ts

// dist/src/context/json-rpc.d.ts: as in context.d.ts

// dist/src/context/member.d.ts: as in context.d.ts

// dist/src/context/otel.d.ts: as in context.d.ts

// dist/src/context/random.d.ts: as in context.d.ts

// dist/src/context/tracestate.d.ts: as in context.d.ts

// dist/src/protocol/connection-options.d.ts

export interface UserStrategies {
    readonly messageStrategy?: MessageStrategy | undefined;
    readonly cancellationStrategy?: AnyCancellationStrategy | undefined;
    readonly connectionStrategy?: ConnectionStrategy | undefined;
    readonly maxParallelism?: number | undefined;
}

export interface ConnectionStrategy {
    cancelUndispatched?(message: JsonRpcMessage, next: (message: JsonRpcMessage) => JsonRpcResponse | undefined): JsonRpcResponse | undefined;
}

export interface ConnectionOptions {
    messageStrategy: MessageStrategy;
    cancellationStrategy: CancellationStrategy;
    connectionStrategy?: ConnectionStrategy;
    maxParallelism?: number;
}

// dist/src/protocol/inbound.d.ts

export type Env = Readonly<Record<string, string | undefined>>;

export interface InboundOptions {
    readonly trust?: Trust | undefined;
    readonly env?: Env | undefined;
    readonly sampled?: boolean | undefined;
    readonly extract?: ((message: unknown) => RemoteContext | undefined) | undefined;
}

// dist/src/protocol/request.d.ts

export interface RequestInfo {
    readonly method: string;
    readonly rpcId: string | number | undefined;
    readonly connection: string;
    readonly remote?: RemoteContext;
    readonly clock: Merge;
}

export declare function requestOf(context: Context | undefined): RequestInfo | undefined;

// dist/src/protocol/stamp-writer.d.ts

export interface StampOptions {
    readonly carrier?: CarrierForm | undefined;
    readonly responses?: boolean | undefined;
    readonly otel?: OtelApi | undefined;
}

export declare function stampWriter<Writer extends object>(writer: Writer, options?: StampOptions): Writer;

// dist/src/protocol/types.d.ts

export interface JsonRpcMessage {
    readonly jsonrpc: string;
}

export interface JsonRpcResponse extends JsonRpcMessage {
    readonly id: string | number | null;
}

export interface MessageStrategy {
    handleMessage(message: JsonRpcMessage, next: (message: JsonRpcMessage) => void | Promise<void>): void | Promise<void>;
}

export interface Disposable {
    dispose(): void;
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

export interface CancellationReceiver {
    readonly kind?: 'id';
    createCancellationTokenSource(id: string | number): CancellationTokenSource;
    dispose?(): void;
}

export interface AnyCancellationReceiver {
    readonly kind?: 'id' | 'request' | undefined;
    createCancellationTokenSource(key: any): CancellationTokenSource;
    dispose?(): void;
}

export interface CancellationSender {
    enableCancellation?(request: JsonRpcMessage): void;
    sendCancellation(connection: NotificationSender, id: string | number): Promise<void>;
    cleanup(id: string | number): void;
    dispose?(): void;
}

export interface NotificationSender {
    sendNotification(method: string, params: unknown): Promise<void>;
}

export interface CancellationStrategy {
    readonly receiver: CancellationReceiver;
    readonly sender: CancellationSender;
}

export interface AnyCancellationStrategy {
    readonly receiver: AnyCancellationReceiver;
    readonly sender: CancellationSender;
}
