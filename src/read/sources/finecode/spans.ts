/** Which span a record of a run belongs to: what both kinds of writers need to know of the run. Pure. */
import { traceIdOf, type Link, type SpanId } from '../../../context/index.js';
import type { Imported } from '../imported.js';
import { correlationOfRun, derivedSpan } from './ids.js';
import type { Joins } from './join.js';
import { saw, type RunFacts } from './run-facts.js';
import type { Target } from './targets.js';

/** A run as far as its spans are concerned. */
export interface RunPlace {
  readonly row: number;
  readonly runId: string;
  /** What all its records have in common. */
  readonly common: Pick<Imported, 'correlationId'>;
  /** How sure the join is: said where the run hangs on what caused it, and not below. */
  readonly joint: Pick<Imported, 'join' | 'candidates'>;
  /** Whether the request was answered is recorded: nothing about it need be concluded from its parts. */
  readonly isSeen: boolean;
  /** The span of the run as a whole, where the WM recorded one. */
  readonly runSpan: SpanId;
  /** Above it. */
  readonly parent: SpanId | undefined;
  /** Above what the ERs recorded, and above attempts: the run's span, or what is above that where it is in no stream. */
  readonly top: SpanId | undefined;
}

export class RunPlaces {
  readonly facts: RunFacts;
  readonly #joins: Joins;
  /** The last one: records of a run come together. */
  #last: RunPlace | undefined;

  constructor(facts: RunFacts, joins: Joins) {
    this.facts = facts;
    this.#joins = joins;
  }

  of(runId: string): RunPlace | undefined {
    if (this.#last?.runId === runId) return this.#last;
    const row = this.facts.find(runId);
    if (row === -1) return undefined;
    const joined = this.#joins.of(row);
    const doubtful = joined === undefined ? this.#joins.candidates(row) : [];
    const runSpan = this.facts.embeddedSpan(row) ?? derivedSpan(runId, 'run');
    const parent = joined?.parentSpanId;
    const isRecorded = this.facts.has(row, saw.wm);
    this.#last = {
      row,
      runId,
      common: {
        correlationId: joined?.correlationId ?? correlationOfRun(runId),
      },
      joint: {
        join: joined?.confidence ?? (doubtful.length > 0 ? 'ambiguous' : undefined),
        ...(doubtful.length === 0 ? {} : { candidates: linksOf(doubtful) }),
      },
      isSeen: joined?.isSeen === true,
      runSpan,
      parent,
      top: isRecorded ? runSpan : (parent ?? runSpan),
    };
    return this.#last;
  }
}

/** Several targets of one message are one cause. */
function linksOf(targets: readonly Target[]): readonly Link[] {
  const links = targets.map(({ request, spanId }): [string, Link] => {
    const traceId = traceIdOf(request.correlationId);
    return [`${traceId} ${spanId}`, { traceId, spanId }];
  });
  return [...new Map(links).values()];
}

/** A span that hangs on `parent`: it is the joint where no span of the run as a whole is recorded. */
export function hung(
  { runSpan, top, joint }: RunPlace,
  parentSpanId: SpanId | undefined,
  isRecorded: boolean,
): Pick<Imported, 'parentSpanId' | 'join' | 'candidates'> {
  const isJoint = parentSpanId === top && (top !== runSpan || !isRecorded);
  return isJoint ? { parentSpanId, ...joint } : { parentSpanId };
}

/** The attempt at an env: both sides count, for neither knows the other's ids. */
export function attemptSpan(runId: string, env: string, number: number): SpanId {
  return derivedSpan(runId, 'attempt', env, String(number));
}
