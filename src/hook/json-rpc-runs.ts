/** The open runs of one connection: what a cancel or a hang-up is noted on. */
import { currentContext, ThroughlineError, type Context } from '../context/index.js';
import { requestOf } from '../protocol/index.js';
import type { RunDescriptor } from './descriptor.js';
import type { Recorder } from './recorder.js';
import type { Run } from './run.js';

/** A cancellation token, of any library's copy. */
export interface Token {
  readonly isCancellationRequested: boolean;
  onCancellationRequested(listener: () => void): { dispose(): void };
}

export interface RunRequest {
  readonly method: string;
  readonly descriptor: RunDescriptor;
  readonly token: Token | undefined;
  readonly handle: () => unknown;
}

export class OpenRuns {
  readonly #recorder: Recorder;
  readonly #runs = new Set<Run>();
  #gone: string | undefined;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** Runs a request's handler as a run of the message's own span. Returns and rejects as the handler does. */
  async run({ method, descriptor, token, handle }: RunRequest): Promise<unknown> {
    const context = inboundContext(method);
    let refusal: unknown;
    try {
      return await this.#recorder.run({ ...descriptor, context }, async (run) => {
        const result = await this.#watch(run, token, handle);
        if (!isResponseError(result)) return result;
        refusal = result;
        throw result;
      });
    } catch (error) {
      // A handler may return its error; whether returned or thrown, the library sees what the handler did.
      if (refusal !== undefined && error === refusal) return refusal;
      throw error;
    }
  }

  /**
   * Runs a notification's handler as a run that nobody awaits. What it throws at once is printed, as libraries do, some
   * of which would take it for an unhandled rejection; what it rejects with is theirs, as without us.
   */
  async runUnanswered(request: RunRequest): Promise<void> {
    let thrown: unknown;
    const handle = (): unknown => {
      try {
        return request.handle();
      } catch (error) {
        thrown = error;
        throw error;
      }
    };
    const descriptor = { ...request.descriptor, answers: false };
    try {
      await this.run({ ...request, descriptor, handle });
    } catch (error) {
      if (thrown === undefined || error !== thrown) throw error;
      console.error(`throughline: the handler of ${request.method} failed:`, error);
    }
  }

  /** Nobody is there to be answered. */
  clientGone(reason: string): void {
    this.#gone ??= reason;
    for (const run of this.#runs) run.clientGone(this.#gone);
  }

  async #watch(run: Run, token: Token | undefined, handle: () => unknown): Promise<unknown> {
    const cancelled = (): void => run.cancelRequested('$/cancelRequest');
    // Both may have happened while the acceptance became durable.
    if (this.#gone !== undefined) run.clientGone(this.#gone);
    if (token?.isCancellationRequested === true) cancelled();
    const registration = token?.onCancellationRequested(cancelled);
    this.#runs.add(run);
    try {
      return await handle();
    } finally {
      registration?.dispose();
      this.#runs.delete(run);
    }
  }
}

/** The context of the message whose handler is called; any other would be somebody else's. */
function inboundContext(method: string): Context {
  const context = currentContext();
  if (context !== undefined && requestOf(context)?.method === method) return context;
  throw new ThroughlineError(
    'CONNECTION_UNSUPPORTED',
    `The message ${method} has no scope of its own: create its connection with correlated() from throughline/json-rpc`,
  );
}

/** By its shape: the class is another one in every copy of the library. */
function isResponseError(result: unknown): boolean {
  if (!(result instanceof Error)) return false;
  const { code, toJson } = result as { code?: unknown; toJson?: unknown };
  return typeof code === 'number' && typeof toJson === 'function';
}
