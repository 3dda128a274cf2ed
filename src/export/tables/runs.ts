/** The columns of `runs`: one row for each span: a run, an attempt at a runner, a handler. */
import { roleOfWriter, walk, type Request, type Span } from '../../read/index.js';
import { column, linksValue, tableOf } from './make-table.js';
import { requestKeys, requestWords } from './request-columns.js';
import type { Column, Table } from './table.js';

interface Run {
  readonly request: Request;
  readonly span: Span;
  readonly depth: number;
}

const columns: readonly Column<Run>[] = [
  ...requestKeys,
  column('span_id', 'text', 'with `correlation_id` the key of a run', ({ span }) => span.spanId),
  column('parent_span_id', 'text', 'what caused it', ({ span }) => span.parentSpanId),
  column('depth', 'integer', '0: caused by the front itself', ({ depth }) => depth),
  column(
    'kind',
    'text',
    '`run`, `dispatch` (an attempt at a runner), `handler` or `other`',
    ({ span }) => span.kind,
  ),
  column('name', 'text', 'the action, the runner or the handler', ({ span }) => span.name),
  column('state', 'text', 'as in `requests`', ({ span }) => span.state),
  column('is_open', 'boolean', 'it has no end, and nobody resolved it', ({ span }) => span.open),
  column('why', 'text', 'the evidence for the state, in words', ({ span }) => span.why),
  column(
    'started',
    'time',
    'NULL when its start is in no stream',
    ({ span }) => span.started?.microseconds,
  ),
  column('ended', 'time', 'NULL when it has no end', ({ span }) => span.ended?.microseconds),
  column(
    'duration_ms',
    'number',
    'by the monotonic clock of its writer; NULL when it has no end',
    ({ span }) => span.durationMs,
  ),
  column('first_ts', 'time', 'its first record', ({ span }) => span.first.microseconds),
  column(
    'first_hlc',
    'text',
    'the clock reading of that; sorts as text',
    ({ span }) => span.first.hlc,
  ),
  column('last_ts', 'time', 'its last record', ({ span }) => span.last.microseconds),
  column('last_hlc', 'text', 'the clock reading of that', ({ span }) => span.last.hlc),
  column('last_event', 'text', 'and its type', ({ span }) => span.last.event),
  column('role', 'text', "its writer's role", ({ span }) => roleOfWriter(span.writerId)),
  column('writer_id', 'text', 'the stream of its first record', ({ span }) => span.writerId),
  column('root', 'text', 'and the root that is in', ({ span }) => span.root),
  column('wal_run_id', 'text', "the writer's own id of the run", ({ span }) => span.runId),
  column('trigger', 'text', 'what triggered it', ({ span }) => span.trigger),
  column('env_name', 'text', 'the environment it ran in', ({ span }) => span.env),
  column('runner', 'text', 'the runner that was selected', ({ span }) => span.runner),
  column('attempt', 'integer', 'which attempt this is', ({ span }) => span.attempt),
  column('error_code', 'text', 'of its end', ({ span }) => span.error?.code),
  column('error_class', 'text', 'of its end', ({ span }) => span.error?.class),
  column(
    'error_message',
    'text',
    'of its end, redacted when it was written',
    ({ span }) => span.error?.message,
  ),
  column('answered', 'boolean', 'whether anybody heard the answer', ({ span }) => span.answered),
  column(
    'cancel_requested',
    'text',
    'why a cancel was asked for',
    ({ span }) => span.cancelRequested,
  ),
  column(
    'client_gone',
    'boolean',
    'the client went away before the end',
    ({ span }) => span.clientGone,
  ),
  column('resolution', 'text', 'how a later process closed it', ({ span }) => span.resolution),
  column('is_new_root', 'boolean', 'it continues nothing', ({ span }) => span.isNewRoot),
  column(
    'join_confidence',
    'text',
    'how it was found to be of its request, where no id says so: `exact`, `inferred` or `ambiguous`',
    ({ span }) => span.join,
  ),
  column('candidates', 'json', 'of an ambiguous one: the spans that may be its cause', ({ span }) =>
    linksValue(span.candidates),
  ),
  column(
    'is_end_inferred',
    'boolean',
    'no record says that it ended: another one does',
    ({ span }) => span.isEndInferred,
  ),
  column('records', 'integer', 'its records', ({ span }) => span.records),
  column(
    'terminals',
    'integer',
    'its ends; more than one contradict',
    ({ span }) => span.terminals,
  ),
  column(
    'effects',
    'integer',
    'files it wrote: rows in `effects`',
    ({ span }) => span.effects.length,
  ),
  column('links', 'json', 'causes that are not the parent: `[{trace_id, span_id}]`', ({ span }) =>
    linksValue(span.links),
  ),
  column(
    'origin',
    'json',
    'what the front said: `{front, method, name, client}`',
    ({ span }) => span.origin,
  ),
  column('peer', 'json', 'what the host saw of its peer', ({ span }) => span.peer),
  ...requestWords,
];

export const runsTable: Table<Request> = tableOf({
  name: 'runs',
  help: 'an execution: a run, an attempt at a runner, a handler; parents before children',
  columns,
  *split(request: Request) {
    for (const { span, depth } of walk(request.roots)) yield { request, span, depth };
  },
});
