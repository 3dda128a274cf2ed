/** Columns of what is of a request, in the tables whose rows are not requests themselves. */
import type { Request, Span } from '../../read/index.js';
import { column } from './make-table.js';
import type { Column } from './table.js';

interface OfRequest {
  readonly request: Request;
  readonly span: Span;
}

/** Which request it is. */
export const requestKeys: readonly Column<OfRequest>[] = [
  column('correlation_id', 'text', 'ULID', ({ span }) => span.correlationId),
  column('trace_id', 'text', 'the same value as 32 hex digits', ({ request }) => request.traceId),
  column(
    'entry_span_id',
    'text',
    'with `correlation_id` the request it belongs to',
    ({ request }) => request.entrySpanId,
  ),
];

/** What that was, and what became of it. */
export const requestWords: readonly Column<OfRequest>[] = [
  column('request_state', 'text', 'of its request', ({ request }) => request.state),
  column('via', 'text', 'of its request', ({ request }) => request.via),
  column('client', 'text', 'of its request', ({ request }) => request.client),
  column('what', 'text', 'of its request', ({ request }) => request.what),
];
