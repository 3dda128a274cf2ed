/**
 * The shapes of vscode-jsonrpc (8.1 to 10) that are used, structurally. The package is never imported: a process
 * usually holds two copies of it, and a type or class of one is not a type or class of the other.
 */

/** Any message: a request, a notification or a response. */
export interface JsonRpcMessage {
  readonly jsonrpc: string;
}

export interface JsonRpcResponse extends JsonRpcMessage {
  readonly id: string | number | null;
}

export interface MessageStrategy {
  handleMessage(
    message: JsonRpcMessage,
    next: (message: JsonRpcMessage) => void | Promise<void>,
  ): void | Promise<void>;
}

export interface Disposable {
  dispose(): void;
}

export interface CancellationToken {
  readonly isCancellationRequested: boolean;
  onCancellationRequested(
    listener: (event: unknown) => unknown,
    thisArgument?: unknown,
    disposables?: Disposable[],
  ): Disposable;
}

export interface CancellationTokenSource {
  readonly token: CancellationToken;
  cancel(): void;
  dispose(): void;
}

export interface CancellationReceiver {
  /** `request` receivers are called with the whole message; the compiler need not know. */
  readonly kind?: 'id';
  createCancellationTokenSource(id: string | number): CancellationTokenSource;
  dispose?(): void;
}

/** A receiver as a user may pass it. */
export interface AnyCancellationReceiver {
  readonly kind?: 'id' | 'request' | undefined;
  // oxlint-disable-next-line typescript/no-explicit-any -- An id or a message, by `kind`; passed on as it is.
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

/** What `correlated` returns. */
export interface CancellationStrategy {
  readonly receiver: CancellationReceiver;
  readonly sender: CancellationSender;
}

/** What a user may pass. */
export interface AnyCancellationStrategy {
  readonly receiver: AnyCancellationReceiver;
  readonly sender: CancellationSender;
}

export interface MessageWriter {
  write(message: JsonRpcMessage): Promise<void>;
}
