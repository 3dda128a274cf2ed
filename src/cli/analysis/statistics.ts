/** How many, how long and how they ended: of requests by what was asked for, of runs and handlers by name. Pure. */
import { walk, type Request, type Span, type State } from '../../read/index.js';
import { spanDurationMs } from '../render/outline.js';

export interface Statistic {
  readonly of: 'request' | 'run' | 'handler';
  readonly name: string;
  readonly count: number;
  readonly states: Readonly<Partial<Record<State, number>>>;
  /** Of what ended; absent when nothing did. */
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly maxMs: number | undefined;
}

interface Draft {
  readonly of: Statistic['of'];
  readonly name: string;
  count: number;
  readonly states: Partial<Record<State, number>>;
  readonly durationsMs: number[];
}

/** Requests first, then runs, then handlers; of each the most frequent first. */
export function statistics(requests: Iterable<Request>): readonly Statistic[] {
  const drafts = new Map<string, Draft>();
  const add = (of: Statistic['of'], name: string, state: State, ms: number | undefined): void => {
    const key = `${of} ${name}`;
    const draft = drafts.get(key) ?? { of, name, count: 0, states: {}, durationsMs: [] };
    drafts.set(key, draft);
    draft.count += 1;
    draft.states[state] = (draft.states[state] ?? 0) + 1;
    if (ms !== undefined) draft.durationsMs.push(ms);
  };
  for (const request of requests) {
    add('request', request.what, request.state, request.durationMs);
    for (const { span } of walk<Span>(request.roots)) {
      if (span.kind !== 'run' && span.kind !== 'handler') continue;
      add(span.kind, span.name, span.state, spanDurationMs(span));
    }
  }
  const order: readonly Statistic['of'][] = ['request', 'run', 'handler'];
  return [...drafts.values()]
    .sort((a, b) => order.indexOf(a.of) - order.indexOf(b.of) || b.count - a.count)
    .map((draft) => finish(draft));
}

function finish({ of, name, count, states, durationsMs }: Draft): Statistic {
  durationsMs.sort((a, b) => a - b);
  return {
    of,
    name,
    count,
    states,
    p50Ms: percentile(durationsMs, 0.5),
    p99Ms: percentile(durationsMs, 0.99),
    maxMs: durationsMs.at(-1),
  };
}

/** The smallest of the sorted values that at least this share of them does not exceed. */
export function percentile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}
