/** A cancellation token source whose listeners run in the scope of the request it was made for. */
import { currentContext, runInContext, type Context } from '../context/index.js';
import type { CancellationToken, CancellationTokenSource, Disposable } from './types.js';

interface Listener {
  readonly call: () => unknown;
  readonly context: Context | undefined;
}

export class ScopedTokenSource implements CancellationTokenSource {
  readonly token: CancellationToken;
  readonly #context: Context | undefined;
  readonly #listeners = new Set<Listener>();
  #isCancelled = false;

  constructor(context: Context | undefined) {
    this.#context = context;
    this.token = this.#createToken();
  }

  cancel(): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const { call, context } of listeners) {
      try {
        runInContext(context, call);
      } catch (error) {
        // One listener's failure is not the next one's, and the reader that called us must go on.
        console.error(error);
      }
    }
  }

  dispose(): void {
    this.#listeners.clear();
  }

  #createToken(): CancellationToken {
    const isCancelled = (): boolean => this.#isCancelled;
    return {
      get isCancellationRequested() {
        return isCancelled();
      },
      onCancellationRequested: (listener, thisArgument, disposables) => {
        const registration = this.#register(() => listener.call(thisArgument, undefined));
        disposables?.push(registration);
        return registration;
      },
    };
  }

  #register(call: () => unknown): Disposable {
    const context = this.#scopeOf(currentContext());
    if (this.#isCancelled) {
      // As vscode-jsonrpc does it: a late listener is called, but never before it has its registration.
      const timer = setTimeout(() => runInContext(context, call), 0);
      return { dispose: () => clearTimeout(timer) };
    }
    const listener: Listener = { call, context };
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  /**
   * A listener registered in a span of the same request stays in that span, so that a cancel sent on names the same
   * span as the request it cancels. A token handed to another request's code stays with its own request.
   */
  #scopeOf(registered: Context | undefined): Context | undefined {
    const own = this.#context;
    if (registered === undefined || own === undefined || registered === own)
      return own ?? registered;
    const isSameTrace = registered.isMinted && own.isMinted && registered.traceId === own.traceId;
    return isSameTrace ? registered : own;
  }
}
