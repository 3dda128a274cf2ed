/** The columns of `effects`: one row for each file that a run is recorded to have written. */
import { roleOfWriter, walk, type EffectOf, type Request } from '../../read/index.js';
import { column, tableOf } from './make-table.js';
import { requestKeys, requestWords } from './request-columns.js';
import type { Column, Table } from './table.js';

const columns: readonly Column<EffectOf>[] = [
  column('ts', 'time', 'when', ({ effect }) => effect.at.microseconds),
  column('hlc', 'text', 'the clock reading of that; sorts as text', ({ effect }) => effect.at.hlc),
  column('path', 'text', 'absolute', ({ effect }) => effect.path),
  column(
    'change',
    'text',
    '`created`, `modified`, `deleted`, `unchanged`',
    ({ effect }) => effect.change,
  ),
  column(
    'before_sha256',
    'text',
    'of the content; NULL: no file, or not known',
    ({ effect }) => effect.before?.sha256,
  ),
  column('before_bytes', 'integer', 'its size', ({ effect }) => effect.before?.bytes),
  column('after_sha256', 'text', 'of the content', ({ effect }) => effect.after?.sha256),
  column('after_bytes', 'integer', 'its size', ({ effect }) => effect.after?.bytes),
  column(
    'inferred',
    'boolean',
    'concluded from comparing the file: another process may have written it',
    ({ effect }) => effect.inferred,
  ),
  ...requestKeys,
  column('span_id', 'text', 'with `correlation_id` the run that did it', ({ span }) => span.spanId),
  column('kind', 'text', 'of that run', ({ span }) => span.kind),
  column('name', 'text', 'of that run', ({ span }) => span.name),
  column('role', 'text', 'the role of who recorded it', ({ effect }) =>
    roleOfWriter(effect.writerId),
  ),
  column('writer_id', 'text', 'who recorded it', ({ effect }) => effect.writerId),
  column('wal_run_id', 'text', "the writer's own id of the run", ({ span }) => span.runId),
  ...requestWords,
];

export const effectsTable: Table<Request> = tableOf({
  name: 'effects',
  help: 'a file that was written, and by what',
  columns,
  *split(request: Request) {
    if (request.effects === 0) return;
    for (const { span } of walk(request.roots)) {
      for (const effect of span.effects) yield { request, span, effect };
    }
  },
});
