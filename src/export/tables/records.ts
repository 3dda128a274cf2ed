/** The columns of `records`: one row for each record that was read, in causal order. The names are those in the streams. */
import { traceIdOf } from '../../context/index.js';
import { roleOfWriter, type Entry } from '../../read/index.js';
import { column, linksValue, tableOf } from './make-table.js';
import type { Column, Table, Value } from './table.js';

const columns: readonly Column<Entry>[] = [
  column('ts', 'time', "the writer's wall clock", (of) => of.at.microseconds),
  column('hlc', 'text', 'the clock reading that orders it; sorts as text', (of) => of.at.hlc),
  column('writer_id', 'text', 'the stream it is in', (of) => of.writerId),
  column('sequence', 'integer', 'its number there, from 1', (of) => of.sequence),
  column('event_type', 'text', 'docs/events.md', (of) => of.event),
  column(
    'correlation_id',
    'text',
    'ULID; NULL for what is of no request',
    (of) => of.correlationId,
  ),
  column('trace_id', 'text', 'the same value as 32 hex digits', (of) =>
    of.correlationId === undefined ? undefined : traceIdOf(of.correlationId),
  ),
  column('span_id', 'text', 'with `correlation_id` the run it is of', (of) => of.spanId),
  column('parent_span_id', 'text', 'what caused that', (of) => of.parentSpanId),
  column('wal_run_id', 'text', "the writer's own id of the run", (of) => of.runId),
  column('action_name', 'text', 'the action', (of) => of.action),
  column('trigger', 'text', 'what triggered it', (of) => of.trigger),
  column('env_name', 'text', 'the environment it ran in', (of) => of.env),
  column('project_path', 'text', 'the project', (of) => of.project),
  column('links', 'json', 'causes that are not the parent', (of) => linksValue(of.links)),
  column('origin', 'json', 'what the front said of itself', (of) => of.origin),
  column('peer', 'json', 'what the host saw of its peer', (of) => objectOf(of.record['peer'])),
  column('payload', 'json', 'the rest, by event type', (of) => of.payload),
  column(
    'acknowledged',
    'text',
    '`yes`: proved durable; `unknown`: whole, and nothing says that it was acknowledged',
    (of) => of.acknowledged,
  ),
  column('role', 'text', "its writer's role", (of) => roleOfWriter(of.writerId)),
  column('root', 'text', 'where the stream is', (of) => of.root),
  column('file', 'text', 'the segment', (of) => of.file),
  column('offset_bytes', 'integer', 'where it begins in that', (of) => of.offset),
];

function objectOf(value: unknown): Value {
  return typeof value === 'object' && value !== null ? value : undefined;
}

export const recordsTable: Table<Entry> = tableOf({
  name: 'records',
  help: 'a record, merged: duplicates once, what is torn or damaged left out',
  columns,
  split: (entry: Entry) => [entry],
});
