/** The open runs of one MCP server: what a cancel or a hang-up is noted on, and how each one ended. */
import type { Context } from '../context/index.js';
import type { Watcher } from '../protocol/mcp/index.js';
import type { CancelSignal, RunDescriptor } from './descriptor.js';
import { mcpEnding, mcpOutcome } from './mcp-outcome.js';
import type { Recorder } from './recorder.js';
import type { Run } from './run.js';
import type { JsonObject } from '../wal/index.js';

export interface McpRequest {
  readonly method: string;
  readonly descriptor: RunDescriptor;
  readonly context: Context;
  /** What the SDK hands to a handler beside the request. */
  readonly extra: unknown;
  readonly handle: () => unknown;
}

/** A run that waits for its handler. */
interface Open {
  readonly run: Run;
  readonly transport: unknown;
}

/** What is used of a server of either SDK. */
export interface McpServerShape {
  readonly transport?: unknown;
  getClientVersion?(): unknown;
}

/** What the SDK gets: what the handler did, whatever becomes of its record. */
type Given = { readonly result: unknown } | { readonly error: unknown };

export class McpRuns implements Watcher {
  readonly quoted: WeakSet<Context> = new WeakSet();
  readonly #recorder: Recorder;
  readonly #server: McpServerShape;
  readonly #open = new Set<Open>();
  readonly #gone = new WeakSet<Run>();

  constructor(recorder: Recorder, server: McpServerShape) {
    this.#recorder = recorder;
    this.#server = server;
  }

  /** Nobody is there to be answered on this transport. */
  closed(transport: object): void {
    for (const open of this.#open) {
      if (open.transport !== transport) continue;
      this.#gone.add(open.run);
      open.run.clientGone('connection closed');
    }
  }

  /** Runs a request's handler as one run. Returns and rejects as the handler does. */
  async run(request: McpRequest): Promise<unknown> {
    const { descriptor, context } = request;
    this.quoted.add(context);
    const peer = clientOf(this.#server);
    const described = { ...descriptor, context, ...(peer === undefined ? {} : { peer }) };
    let given: Given | undefined;
    let failure: Failure | undefined;
    try {
      await this.#recorder.run(described, async (run) => {
        given = await this.#handle(run, request);
        failure = this.#conclude(run, request, given);
        if (failure !== undefined) throw failure.error;
      });
    } catch (error) {
      // Anything else is the recorder's own refusal.
      if (failure === undefined || error !== failure.error) throw error;
    }
    if (given === undefined) return undefined;
    if ('error' in given) throw given.error;
    return given.result;
  }

  /** What the handler did. Cancels and hang-ups are noted meanwhile. */
  async #handle(run: Run, { extra, handle }: McpRequest): Promise<Given> {
    const signal = signalOf(extra);
    const open = { run, transport: this.#server.transport };
    const cancelled = (): void => {
      // A closed connection aborts every handler, too; nobody asked for that.
      if (this.#gone.has(run)) return;
      const reason: unknown = signal?.reason;
      run.cancelRequested(typeof reason === 'string' ? reason : undefined);
    };
    this.#open.add(open);
    signal?.addEventListener('abort', cancelled, { once: true });
    try {
      if (signal?.aborted === true) {
        cancelled();
        // Cancelled while its acceptance became durable: work that nobody wants is not begun.
        return { error: signal.reason };
      }
      return { result: await handle() };
    } catch (error) {
      return { error };
    } finally {
      signal?.removeEventListener('abort', cancelled);
      this.#open.delete(open);
    }
  }

  /** Says how the request ended. Returns what its run fails with. */
  #conclude(run: Run, { method, extra }: McpRequest, given: Given): Failure | undefined {
    const signal = signalOf(extra);
    const isGone = this.#gone.has(run);
    const end = mcpOutcome(method, 'error' in given ? { error: rpcOf(given.error) } : given);
    const thrown = 'error' in given ? { error: given.error } : undefined;
    if (!isGone && signal?.aborted !== true) {
      run.ending = mcpEnding(end);
      return thrown ?? (end.failure === undefined ? undefined : { error: end.failure });
    }
    const unheard = mcpOutcome(method, isGone ? 'connection_closed' : 'cancelled');
    run.ending = { ...mcpEnding(unheard), answered: false };
    // A high-level server makes a result of whatever its tool throws: after a cancel, that is giving up.
    const gaveUp =
      end.outcome === 'tool_error' || (thrown !== undefined && thrown.error === signal?.reason);
    return gaveUp ? { error: unheard.failure } : thrown;
  }
}

interface Failure {
  readonly error: unknown;
}

/** As the SDKs answer with what a handler throws. */
function rpcOf(error: unknown): Failure['error'] {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return { code, message };
}

/** SDK 1 hands a handler `{signal}`, SDK 2 `{mcpReq: {signal}}`. */
function signalOf(extra: unknown): CancelSignal | undefined {
  const { signal, mcpReq } = (extra ?? {}) as { signal?: unknown; mcpReq?: { signal?: unknown } };
  const found = signal ?? mcpReq?.signal;
  return found instanceof AbortSignal ? found : undefined;
}

/** What the client said of itself in `initialize`, as the SDK keeps it. */
function clientOf(server: McpServerShape): JsonObject | undefined {
  try {
    const client = server.getClientVersion?.();
    return client === undefined ? undefined : { client: client as JsonObject };
  } catch {
    return undefined;
  }
}
