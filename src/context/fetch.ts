/** `fetch` with the current context in its headers. The caller passes its own `fetch` in; nothing here sends anything. */
import { inject } from './carriers.js';
import { isAllowed, readUrl } from './loopback.js';
import { currentContext } from './scope.js';

export interface FetchOptions {
  /** Origins that the context is sent to, beside loopback: `['https://wm.example.com']`. */
  readonly propagateTo?: readonly string[];
}

/**
 * `fetch` that adds `traceparent` and `tracestate` (and passes `baggage` on) to requests made inside a context, towards
 * loopback and the origins in `propagateTo` only. A request that has a `traceparent` keeps it. Takes all that `fetch`
 * takes, and has its type.
 */
export function correlatedFetch<Fetch extends (input: never, init?: never) => unknown>(
  fetch: Fetch,
  options: FetchOptions = {},
): Fetch {
  const correlated = (input: unknown, init?: unknown): unknown =>
    Reflect.apply(fetch, undefined, [input, withHeaders(input, init, options.propagateTo ?? [])]);
  return correlated as unknown as Fetch;
}

function withHeaders(input: unknown, init: unknown, propagateTo: readonly string[]): unknown {
  const context = currentContext();
  if (context === undefined) return init;
  try {
    const request = typeof input === 'object' && input !== null ? (input as Partial<Request>) : {};
    const url = readUrl(input) ?? readUrl(request.url);
    if (url === undefined || !isAllowed(url, propagateTo)) return init;
    const given = (init ?? {}) as RequestInit;
    // Headers of `init` replace those of a Request, all of them.
    const headers = new Headers(given.headers ?? request.headers);
    if (headers.has('traceparent')) return init;
    const { traceparent, tracestate, baggage } = inject(context);
    headers.set('traceparent', traceparent);
    headers.set('tracestate', tracestate);
    if (baggage !== undefined && !headers.has('baggage')) headers.set('baggage', baggage);
    return { ...given, headers };
  } catch {
    // Headers that fetch itself will refuse: its error, not ours.
    return init;
  }
}
