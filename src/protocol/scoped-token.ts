/** A cancellation token source whose listeners run in the scope of the request it was made for. */
import { currentContext, runInContext, type Context } from '../context/index.js';
import type { CancellationToken, CancellationTokenSource, Disposable } from './types.js';

interface Listener {
  readonly call: () => unknown;
  readonly context: Context | undefined;
}

type Register = CancellationToken['onCancellationRequested'];

export class ScopedTokenSource implements CancellationTokenSource {
  readonly token: ScopedToken;

  constructor(context: Context | undefined) {
    this.token = new ScopedToken(context);
  }

  cancel(): void {
    this.token.cancel();
  }

  dispose(): void {
    this.token.dispose();
  }
}

/** One is made for every request and few are listened to: all but two fields are made when somebody listens. */
class ScopedToken implements CancellationToken {
  readonly #context: Context | undefined;
  #isCancelled = false;
  #listeners: Set<Listener> | undefined;
  #register: Register | undefined;

  constructor(context: Context | undefined) {
    this.#context = context;
  }

  get isCancellationRequested(): boolean {
    return this.#isCancelled;
  }

  /** An event in vscode's sense: it may be taken off the token and called alone. */
  get onCancellationRequested(): Register {
    this.#register ??= (listener, thisArgument, disposables) => {
      const registration = this.#add(() => listener.call(thisArgument, undefined));
      disposables?.push(registration);
      return registration;
    };
    return this.#register;
  }

  cancel(): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    const listeners = this.#listeners ?? [];
    this.#listeners = undefined;
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
    this.#listeners = undefined;
  }

  #add(call: () => unknown): Disposable {
    const context = this.#scopeOf(currentContext());
    if (this.#isCancelled) {
      // As vscode-jsonrpc does it: a late listener is called, but never before it has its registration.
      const timer = setTimeout(() => runInContext(context, call), 0);
      return { dispose: () => clearTimeout(timer) };
    }
    const listener: Listener = { call, context };
    this.#listeners ??= new Set();
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners?.delete(listener) };
  }

  /**
   * A listener registered in a span of the same request stays in that span, so that a cancel sent on names the same
   * span as the request it cancels. A token handed to another request's code stays with its own request.
   */
  #scopeOf(registered: Context | undefined): Context | undefined {
    const own = this.#context;
    if (registered === undefined || own === undefined || registered === own) {
      return own ?? registered;
    }
    const isSameTrace = registered.isMinted && own.isMinted && registered.traceId === own.traceId;
    return isSameTrace ? registered : own;
  }
}
