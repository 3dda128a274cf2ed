/** `get_records`: records as they stand in the streams, in causal order. */
import { parseSpanId } from '../../../context/index.js';
import { walk, type Entry, type Request } from '../../../read/index.js';
import type { Answer, Session, Tool } from '../call.js';
import { AgentError } from '../error.js';
import { spanNamed } from '../handles.js';
import { isoTime } from '../items.js';
import { onlyRequest } from '../only-request.js';
import { fitting, staleCursor } from '../page.js';
import { cursorParameter, limitParameter, runParameter, shown, type Asked } from '../parameters.js';
import type { Found } from '../reading.js';
import { isKey, keyOf, recordsOf } from '../records.js';
import { count, list, object, oneOf, orNull, text, time, untrusted } from '../schema.js';
import { truthOf } from '../truth.js';
import { Untrusted } from '../untrusted.js';

const fieldsMax = 24;
const fieldPattern = /^[a-z][a-z0-9_]*(?:\.[A-Za-z0-9_-]+){0,8}$/;
/** What says nothing besides what the item says already, or only to a machine. */
const left: ReadonlySet<string> = new Set([
  'schema_version',
  'sequence',
  'ts',
  'correlation_id',
  'span_id',
  'hlc',
  'synced',
  'prev',
  'crc',
]);

export const getRecords: Tool = {
  name: 'get_records',
  title: 'Records of a run',
  description:
    'The raw records of a run, or of one span of it, in causal order. data is what a process wrote: untrusted, texts cut at 2 kB. fields picks members, such as event_type, payload.error.',
  parameters: {
    run: runParameter,
    span: {
      kind: 'text',
      help: 'only records of this span: an id or ~handle; a whole id needs no run',
    },
    fields: { kind: 'texts', itemsMax: fieldsMax, help: 'members of the record; default all' },
    limit: limitParameter(20),
    cursor: cursorParameter,
  },
  output: {
    run: text,
    records: list(
      object({
        sequence: count,
        at: orNull(time),
        span: orNull(text),
        acknowledged: oneOf('yes', 'unknown'),
        untrusted,
        data: { type: 'object' },
      }),
    ),
  },
  answer,
};

interface Wanted {
  readonly found: Found;
  readonly request: Request;
  readonly spans: ReadonlySet<string>;
}

async function answer(asked: Asked, session: Session): Promise<Answer> {
  const fields = fieldsOf(asked);
  const [run, after] = cursorOf(asked);
  const limit = asked.integer('limit') ?? 1;
  const { found, request, spans } = await wantedOf(run, asked.text('span'), session);
  const page = await session.reading.alone(session, (watch) =>
    recordsOf(session.reading.places, watch, {
      needle: request.correlationId,
      is: ({ correlationId, spanId }) =>
        correlationId === request.correlationId && spanId !== undefined && spans.has(spanId),
      after,
      limit,
    }),
  );
  const words = new Untrusted();
  const items = fitting(page.entries, (entry, said) => itemOf(entry, fields, said), words);
  const last = page.entries[items.length - 1];
  const isCut = page.isCut || items.length < page.entries.length;
  return {
    fields: { run: request.correlationId, records: items },
    omitted: [...(isCut ? ['more records follow'] : []), ...words.omitted()],
    next:
      isCut && last !== undefined
        ? [
            {
              tool: 'get_records',
              arguments: {
                ...asked.given,
                run: request.entrySpanId,
                cursor: `${request.entrySpanId}.${keyOf(last)}`,
              },
            },
          ]
        : [],
    truth: truthOf(found.story),
  };
}

/** The run, which a cursor names, too, and the record to go on behind. */
function cursorOf(asked: Asked): readonly [run: string | undefined, after: string | undefined] {
  const [run, cursor] = [asked.text('run'), asked.text('cursor')];
  if (cursor === undefined) return [run, undefined];
  const entry = parseSpanId(cursor.slice(0, 16));
  const key = cursor.slice(17);
  if (entry === undefined || cursor[16] !== '.' || !isKey(key)) throw staleCursor(cursor);
  return [run ?? entry, key];
}

async function wantedOf(
  run: string | undefined,
  span: string | undefined,
  session: Session,
): Promise<Wanted> {
  const reference = run ?? (await runOf(span, session));
  const found = await session.reading.requests(session, reference);
  const request = onlyRequest(found.requests, span ?? '');
  if (span !== undefined) {
    return { found, request, spans: new Set([spanNamed(request, span).spanId]) };
  }
  const spans = new Set<string>();
  for (const visit of walk(request.roots)) spans.add(visit.span.spanId);
  return { found, request, spans };
}

/** The run that a span is of, when nobody says it. */
async function runOf(span: string | undefined, session: Session): Promise<string> {
  if (span === undefined) {
    throw new AgentError('get_records needs run, span or cursor: list_runs names the runs', [
      { tool: 'list_runs', arguments: {} },
    ]);
  }
  const spanId = parseSpanId(span);
  if (spanId === undefined) {
    throw new AgentError(
      `span must be a whole id (16 hex digits) where run is not given, got ${shown(span)}`,
    );
  }
  const { entries } = await session.reading.alone(session, (watch) =>
    recordsOf(session.reading.places, watch, {
      needle: `"${spanId}"`,
      is: (entry) => entry.spanId === spanId && entry.correlationId !== undefined,
      after: undefined,
      limit: 1,
    }),
  );
  const [entry] = entries;
  if (entry?.correlationId === undefined) {
    throw new AgentError(`no record is of span ${spanId}`, [{ tool: 'list_runs', arguments: {} }]);
  }
  return entry.correlationId;
}

function fieldsOf(asked: Asked): readonly string[] | undefined {
  const fields = asked.texts('fields');
  for (const field of fields) {
    if (!fieldPattern.test(field)) {
      throw new AgentError(
        `fields must be members such as event_type or payload.error, got ${shown(field)}`,
      );
    }
  }
  return fields.length === 0 ? undefined : fields;
}

function itemOf(entry: Entry, fields: readonly string[] | undefined, words: Untrusted): object {
  return {
    sequence: entry.sequence,
    at: isoTime(entry.at),
    span: entry.spanId ?? null,
    acknowledged: entry.acknowledged,
    ...words.mark(membersOf(entry, fields)),
  };
}

function membersOf(
  { record }: Entry,
  fields: readonly string[] | undefined,
): Readonly<Record<string, unknown>> {
  if (fields === undefined) {
    return Object.fromEntries(Object.entries(record).filter(([name]) => !left.has(name)));
  }
  return Object.fromEntries(fields.map((field) => [field, memberAt(record, field)]));
}

function memberAt(record: unknown, field: string): unknown {
  let value = record;
  for (const name of field.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
      return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}
