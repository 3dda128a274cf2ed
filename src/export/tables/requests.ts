/** The columns of `requests`: one row for each request. The names are those of `throughline.run/1`, where it has them. */
import type { Request } from '../../read/index.js';
import { column, linksValue, tableOf } from './make-table.js';
import type { Column, Table } from './table.js';

const columns: readonly Column<Request>[] = [
  column('correlation_id', 'text', 'ULID', (of) => of.correlationId),
  column('trace_id', 'text', 'the same value as 32 hex digits', (of) => of.traceId),
  column(
    'entry_span_id',
    'text',
    "the front's own span; with `correlation_id` the key of a request",
    (of) => of.entrySpanId,
  ),
  column(
    'state',
    'text',
    '`completed`, `failed`, `cancelled`, `rejected`, `in_flight`, `lost` or `unknown`',
    (of) => of.state,
  ),
  column(
    'why',
    'text',
    'the evidence for it, in words; of a failure the first error',
    (of) => of.why,
  ),
  column(
    'decided_by',
    'text',
    'the `span_id` that decided the state',
    (of) => of.decidedBy?.spanId,
  ),
  column('via', 'text', 'the kind of front, as it says: `cli`, `lsp`, `mcp` …', (of) => of.via),
  column('client', 'text', "the front's client, as it says", (of) => of.client),
  column('method', 'text', "the front's method, as it says", (of) => of.origin?.method),
  column('what', 'text', 'what was asked for', (of) => of.what),
  column('started', 'time', 'its first record', (of) => of.started.microseconds),
  column(
    'ended',
    'time',
    'its last end; NULL while anything is open, lost or unknown',
    (of) => of.ended?.microseconds,
  ),
  column('duration_ms', 'number', 'NULL like `ended`', (of) => of.durationMs),
  column('last_ts', 'time', 'its last record', (of) => of.last.microseconds),
  column('last_event', 'text', 'and the type of that', (of) => of.last.event),
  column('spans', 'integer', 'how many rows it has in `runs`', (of) => of.spans),
  column('open', 'integer', 'spans without an end', (of) => of.open),
  column('lost', 'integer', 'spans whose writer is provably gone', (of) => of.lost),
  column('unknown', 'integer', 'open spans of which nothing can be proved', (of) => of.unknown),
  column('records', 'integer', 'records of its spans', (of) => of.records),
  column('effects', 'integer', 'files written: rows in `effects`', (of) => of.effects),
  column(
    'effects_inferred',
    'integer',
    'of these, concluded and not reported',
    (of) => of.effectsInferred,
  ),
  column('answered', 'boolean', 'whether anybody heard the answer', (of) => of.answered),
  column('resolution', 'text', 'how a later process closed what was lost', (of) => of.resolution),
  column(
    'join_confidence',
    'text',
    'how sure it is that all of it belongs together, where ids do not say so: of its runs the least',
    (of) => of.join,
  ),
  column('writers', 'json', 'the `writer_id` of each stream it is in', (of) =>
    of.streams.map((stream) => stream.writerId),
  ),
  column('links', 'json', 'causes that are not the parent: `[{trace_id, span_id}]`', (of) =>
    linksValue(of.links),
  ),
];

export const requestsTable: Table<Request> = tableOf({
  name: 'requests',
  help: "a front's request, with everything it caused",
  columns,
  split: (request: Request) => [request],
});
