/** The HTTP half of a client on SDK 1, whose transports take headers only through a `fetch` of the caller's. */
import { currentContext, inject } from '../../src/context/index.js';
import { isAllowed, readUrl } from './http.js';

/**
 * `fetch` that adds `traceparent` and `tracestate` to requests made inside a context, towards loopback and the origins
 * in `propagateTo` only: `new StreamableHTTPClientTransport(url, { fetch: correlatedFetch(fetch) })`. A request that
 * has a `traceparent` keeps it.
 */
export function correlatedFetch<Fetch extends (input: never, init?: never) => unknown>(
  fetch: Fetch,
  options: { readonly propagateTo?: readonly string[] } = {},
): Fetch {
  const correlated = (input: unknown, init?: unknown): unknown =>
    Reflect.apply(fetch, undefined, [input, withHeaders(input, init, options.propagateTo ?? [])]);
  return correlated as unknown as Fetch;
}

function withHeaders(input: unknown, init: unknown, propagateTo: readonly string[]): unknown {
  const context = currentContext();
  const url = readUrl(input);
  if (context === undefined || url === undefined || !isAllowed(url, propagateTo)) return init;
  try {
    const given = (init ?? {}) as RequestInit;
    const headers = new Headers(given.headers);
    if (headers.has('traceparent')) return init;
    const { traceparent, tracestate } = inject(context);
    headers.set('traceparent', traceparent);
    headers.set('tracestate', tracestate);
    return { ...given, headers };
  } catch {
    // Headers that fetch itself will refuse: its error, not ours.
    return init;
  }
}
