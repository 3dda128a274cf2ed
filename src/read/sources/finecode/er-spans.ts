/**
 * The spans of what an ER recorded: each execution of an action, and its handlers. Only some records say which execution
 * they are of (`run_id`, a number of the process); the others go to the one that they can be of. Pure but for what is open.
 */
import type { SpanId } from '../../../context/index.js';
import { text } from '../../entry/entry.js';
import type { Imported } from '../imported.js';
import { derivedSpan } from './ids.js';
import { embeddedIn, type FineCodeRecord } from './record.js';
import { saw } from './run-facts.js';
import { attemptSpan, hung, type RunPlace, type RunPlaces } from './spans.js';

interface Execution {
  readonly action: string;
  readonly spanId: SpanId;
  readonly parent: SpanId | undefined;
  /** `run.accepted` is recorded; else it was lost, or never written: the handlers then stand alone. */
  readonly isAccepted: boolean;
  runNumber: number | undefined;
  readonly handlers: { readonly name: string; readonly spanId: SpanId }[];
  handlersBegun: number;
}

/** What of a run is open in this stream. */
interface OpenRun {
  readonly executions: Execution[];
  /** How many executions of the run's own action began here. */
  begun: number;
}

export class ErSpans {
  readonly #places: RunPlaces;
  readonly #writerId: string;
  readonly #env: string | undefined;
  readonly #open = new Map<number, OpenRun>();

  constructor(places: RunPlaces, { writerId, env }: { writerId: string; env: string | undefined }) {
    this.#places = places;
    this.#writerId = writerId;
    this.#env = env;
  }

  /** In the order of the stream. */
  of(record: FineCodeRecord, runId: string): Imported | undefined {
    const place = this.#places.of(runId);
    if (place === undefined) return undefined;
    const common = { ...place.common, env: this.#env };
    if (this.#places.facts.has(place.row, saw.nativeEr)) return common;
    const run = this.#open.get(place.row) ?? { executions: [], begun: 0 };
    this.#open.set(place.row, run);
    const execution =
      record.event === 'run.accepted'
        ? this.#begin(record, place, run)
        : (executionOf(record, run) ?? this.#begin(record, place, run));
    const isRecorded = this.#places.facts.has(place.row, saw.wm);
    const handler = handlerOf(record, execution);
    if (handler !== undefined) {
      const above = execution.isAccepted ? execution.spanId : execution.parent;
      return { ...common, spanId: handler, ...hung(place, above, isRecorded) };
    }
    const { spanId } = execution;
    const above = hung(place, execution.parent, isRecorded);
    const ofRun = { ...common, spanId, ...above, kind: 'run' } as const;
    if (record.event !== 'run.completed' && record.event !== 'run.failed') return ofRun;
    run.executions.splice(run.executions.indexOf(execution), 1);
    const isOver = run.executions.length === 0 && run.begun >= this.#attempts(place.row);
    if (isOver) this.#open.delete(place.row);
    // Of what the WM recorded nothing, nobody says whether all of it ended.
    return !isRecorded && !place.isSeen && execution.parent === place.top
      ? { ...ofRun, isEndInferred: true }
      : ofRun;
  }

  #begin(record: FineCodeRecord, place: RunPlace, run: OpenRun): Execution {
    const { row, runId } = place;
    const { action, sequence, payload } = record;
    const { facts } = this.#places;
    const isNested = action !== facts.text(row, 'action');
    if (!isNested) run.begun += 1;
    const embedded = embeddedIn(payload);
    const outer = isNested ? run.executions.find((one) => one.action !== action) : undefined;
    const execution: Execution = {
      action,
      spanId: embedded?.spanId ?? derivedSpan(runId, this.#writerId, action, String(sequence)),
      parent:
        outer === undefined
          ? this.#cause(place, run.begun, embedded?.spanId && embedded.parentSpanId)
          : (outer.handlers.at(-1)?.spanId ?? outer.spanId),
      isAccepted: record.event === 'run.accepted',
      runNumber: numberOf(payload['run_id']),
      handlers: [],
      handlersBegun: 0,
    };
    run.executions.push(execution);
    return execution;
  }

  /**
   * The WM's attempt at this env, counted; where it recorded none, what is above the run. `told` is what a hook says: an
   * attempt that only streams of ours have.
   */
  #cause(
    { row, runId, top }: RunPlace,
    number: number,
    told: SpanId | undefined,
  ): SpanId | undefined {
    if (this.#places.facts.has(row, saw.nativeWm)) return told ?? top;
    const isSent = this.#env !== undefined && number <= this.#attempts(row);
    return isSent ? attemptSpan(runId, this.#env ?? '', number) : top;
  }

  /** How often the WM sent the run to this env. */
  #attempts(row: number): number {
    const envs = this.#places.facts.text(row, 'envs').split('\n');
    return envs.filter((env) => env !== '' && env === this.#env).length;
  }
}

/** The execution that a record is of: by its number, else the oldest of the action that may still get such a record. */
function executionOf(
  { event, action, payload }: FineCodeRecord,
  { executions }: OpenRun,
): Execution | undefined {
  const all = executions.filter((one) => one.action === action);
  const number = numberOf(payload['run_id']) ?? numberIn(payload['error']);
  if (number !== undefined) {
    const known = all.find((one) => one.runNumber === number);
    if (known !== undefined) return known;
    const unnumbered = all.find((one) => one.runNumber === undefined);
    if (unnumbered !== undefined && event !== 'run.failed') unnumbered.runNumber = number;
    return unnumbered ?? (event === 'run.failed' ? all[0] : undefined);
  }
  return all.find((one) => one.handlers.length === 0) ?? all[0];
}

function handlerOf({ event, payload }: FineCodeRecord, execution: Execution): SpanId | undefined {
  const name = text(payload['handler']);
  if (!event.startsWith('handler.') || name === undefined) return undefined;
  const { handlers } = execution;
  const open = handlers.find((handler) => handler.name === name);
  if (event !== 'handler.started' && open !== undefined) {
    if (event === 'handler.completed' || event === 'handler.failed') {
      handlers.splice(handlers.indexOf(open), 1);
    }
    return open.spanId;
  }
  execution.handlersBegun += 1;
  const spanId = derivedSpan(execution.spanId, name, String(execution.handlersBegun));
  if (event === 'handler.started') handlers.push({ name, spanId });
  return spanId;
}

/** A number that counts executions within one process. */
function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}

/** `… failed(Run 6): …`. */
function numberIn(error: unknown): number | undefined {
  const match = typeof error === 'string' ? /\(Run (\d{1,9})\)/.exec(error) : null;
  return match === null ? undefined : Number(match[1]);
}
