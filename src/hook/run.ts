/**
 * One execution of an action, as its host sees it. Exactly one terminal record is written, whatever the host's
 * function does; a call on a run that has settled is said on the warning channel and never thrown. Nothing here ends
 * the work itself: a cancel that was asked for is a fact about the asking.
 */
import { currentContext, mintCorrelationId, runInContext, type Context } from '../context/index.js';
import { cut, nameCharsMax } from './bounds.js';
import { Attempts } from './attempts.js';
import { belongTo } from './belonging.js';
import type { Attempt, Dispatch, RunDescriptor } from './descriptor.js';
import { effectPayload, type FileUrl, type Touch } from './effect.js';
import { describeError, isCancellation, redactText } from './failure.js';
import type { RecordWriter } from './record-writer.js';
import type { RunContext } from './run-context.js';
import {
  acceptance,
  dispatchPayload,
  reasonPayload,
  runFields,
  sinceMs,
  spanFields,
  type RunFields,
} from './run-records.js';
import type { Durability, JsonObject, RecordInput } from '../wal/index.js';

export interface RunParts extends RunContext {
  readonly writer: RecordWriter;
  readonly descriptor: RunDescriptor;
  readonly projectPath: string | undefined;
}

export class Run {
  /** `wal_run_id`: this execution, in this process. */
  readonly id: string;
  /** The run's own span. */
  readonly context: Context;
  /** @internal Further members of the terminal record. */
  ending: JsonObject = {};
  readonly #parts: RunParts;
  readonly #fields: RunFields;
  readonly #durability: Durability;
  /** The run or handler span behind each scope this run opened. */
  readonly #spans = new WeakMap<Context, Context>();
  readonly #attempts = new Attempts();
  readonly #startedMs = performance.now();
  #partials = 0;
  #wasCancelled = false;
  #isClientGone = false;
  #terminal: Promise<void> | undefined;

  /** @internal */
  constructor(parts: RunParts) {
    this.id = mintCorrelationId();
    this.context = parts.context;
    this.#parts = parts;
    this.#durability = parts.descriptor.durability ?? 'barrier';
    this.#fields = runFields(this.id, parts.context, parts.descriptor, parts.projectPath);
    this.#enter(parts.context, parts.context);
  }

  /** True once the terminal record was written, or is being written. */
  get isSettled(): boolean {
    return this.#terminal !== undefined;
  }

  /** Which runner was chosen, before it is started or asked. */
  selected(choice: { readonly runner: string; readonly env?: string | undefined }): void {
    void this.#note('runner.selected', this.context, {
      runner: cut(choice.runner, nameCharsMax),
      ...(choice.env === undefined ? {} : { env_name: cut(choice.env, nameCharsMax) }),
    });
  }

  /**
   * One attempt at a runner: recorded before `fn` starts, which runs in the scope of the attempt's own span, so that
   * the message it sends carries that span. Returns and rejects as `fn` does.
   */
  async dispatched<Result>(
    dispatch: Dispatch,
    fn: (attempt: Attempt) => Result | Promise<Result>,
  ): Promise<Result> {
    const first = this.#attempts.takeFirst(dispatch);
    const span = this.#currentSpan();
    const attempt = first ?? this.#attempts.next(dispatch, span);
    if (first === undefined) {
      this.#enter(attempt.context, span);
      await this.#require(
        'run.dispatched',
        attempt.context,
        dispatchPayload(dispatch, attempt.attempt),
      );
    }
    return await runInContext(attempt.context, () => fn(attempt));
  }

  /** Runs `fn` in the scope of a span of its own and records its start and its end. Returns and rejects as `fn` does. */
  async handler<Result>(name: string, fn: () => Result | Promise<Result>): Promise<Result> {
    const context = this.#currentSpan().child();
    this.#enter(context, context);
    const handler = cut(name, nameCharsMax);
    const startedMs = performance.now();
    void this.#note('handler.started', context, { handler });
    try {
      const result = await runInContext(context, fn);
      void this.#note('handler.completed', context, { handler, duration_ms: sinceMs(startedMs) });
      return result;
    } catch (error) {
      void this.#note('handler.failed', context, {
        handler,
        duration_ms: sinceMs(startedMs),
        error: describeError(error),
      });
      throw error;
    }
  }

  /**
   * A file was written or removed; call it when that has happened. Resolves when the record is as durable as the run
   * asks; never rejects.
   */
  async touched(path: string | FileUrl, touch: Touch): Promise<void> {
    const payload = effectPayload(path, touch, this.#fields.project_path ?? process.cwd());
    const record = this.#record('effect.applied', this.#currentSpan(), payload);
    await this.#parts.writer.note(record, this.#durability);
  }

  /** A partial result left: the first is recorded, and the last, with how many there were. */
  partialSent(options: { readonly isFinal?: boolean | undefined } = {}): void {
    this.#partials += 1;
    const span = this.#currentSpan();
    if (this.#partials === 1) void this.#note('partial_result.first_sent', span, {});
    if (options.isFinal === true) {
      void this.#note('partial_result.final_sent', span, { count: this.#partials });
    }
  }

  /** The client asked to cancel. Not terminal; after the run has settled it means nothing and is not recorded. */
  cancelRequested(reason?: string): void {
    if (this.isSettled || this.#wasCancelled) return;
    this.#wasCancelled = true;
    void this.#note('run.cancel_requested', this.context, reasonPayload(reason));
  }

  /** Nobody is there to be answered any more. Not terminal: the handler runs on. */
  clientGone(reason?: string): void {
    if (this.isSettled || this.#isClientGone) return;
    this.#isClientGone = true;
    void this.#note('run.client_gone', this.context, reasonPayload(reason));
  }

  /** The request is refused: terminal. What the function returns or throws after it is the answer, not the outcome. */
  async rejected(code: string, reason: string): Promise<void> {
    if (this.isSettled) {
      this.#misused('run.rejected');
      return;
    }
    const payload = { code: cut(code, nameCharsMax), reason: redactText(reason) };
    // Its failure is reported where the run returns.
    await this.#settle('run.rejected', payload).catch(() => undefined);
  }

  /** @internal The process that does this run's work is there. */
  runnerStarted(payload: JsonObject): void {
    void this.#note('runner.started', this.context, payload);
  }

  /** @internal The acceptance and the first dispatch, in one flush. */
  async accept(): Promise<void> {
    const { descriptor } = this.#parts;
    const accepted = {
      ...this.#record('run.accepted', this.context, {}),
      ...acceptance(this.#parts, descriptor, this.#durability),
    };
    const durable = [this.#parts.writer.require(accepted, this.#durability)];
    const { dispatch, targets = [] } = descriptor;
    for (const one of targets)
      durable.push(this.#require('run.dispatched', one.context, one.payload));
    if (dispatch !== undefined) {
      const { attempt, context } = this.#attempts.first(dispatch, this.context);
      this.#enter(context, this.context);
      durable.push(this.#require('run.dispatched', context, dispatchPayload(dispatch, attempt)));
    }
    await Promise.all(durable);
  }

  /** @internal */
  complete(): Promise<void> {
    return this.#terminal ?? this.#settle('run.completed', this.#outcome());
  }

  /** @internal */
  fail(error: unknown): Promise<void> {
    const wasAsked = this.#wasCancelled || this.#isClientGone;
    const reason: unknown = this.#parts.descriptor.signal?.reason;
    const event = isCancellation(error, wasAsked, reason) ? 'run.cancelled' : 'run.failed';
    return (
      this.#terminal ?? this.#settle(event, { ...this.#outcome(), error: describeError(error) })
    );
  }

  #outcome(): JsonObject {
    const isHeard = this.#parts.descriptor.answers !== false && !this.#isClientGone;
    return { duration_ms: sinceMs(this.#startedMs), answered: isHeard, ...this.ending };
  }

  #settle(event: string, payload: JsonObject): Promise<void> {
    // The record is built before the run counts as settled: it is not late.
    this.#terminal = this.#require(event, this.context, payload);
    return this.#terminal;
  }

  /** `context` is a scope of this run; what is recorded in it belongs to `span`. */
  #enter(context: Context, span: Context): void {
    this.#spans.set(context, span);
    belongTo(context, this);
  }

  /** The run's or handler's span the calling code is in; a dispatch's scope belongs to the span that dispatched. */
  #currentSpan(): Context {
    const ambient = currentContext();
    return (ambient === undefined ? undefined : this.#spans.get(ambient)) ?? this.context;
  }

  #misused(event: string): void {
    const { writer, descriptor } = this.#parts;
    writer.misused(`${event} came after the run of ${descriptor.action} had settled`);
  }

  /** Handlers and notes ride on the next flush: the terminal record, or the next dispatch, makes them durable. */
  #note(event: string, span: Context, payload: JsonObject): Promise<void> {
    const durability = this.#durability === 'none' ? 'none' : 'relaxed';
    return this.#parts.writer.note(this.#record(event, span, payload), durability);
  }

  #require(event: string, span: Context, payload: JsonObject): Promise<void> {
    return this.#parts.writer.require(this.#record(event, span, payload), this.#durability);
  }

  /** Whatever comes after the terminal record is the host's mistake, and true: it is recorded and marked. */
  #record(event: string, span: Context, payload: JsonObject): RecordInput {
    if (this.isSettled) this.#misused(event);
    return {
      event_type: event,
      ...this.#fields,
      ...spanFields(span),
      payload: this.isSettled ? { ...payload, late: true } : payload,
    };
  }
}
