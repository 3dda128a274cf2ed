/** `compare`: how two runs differ, place by place in their trees and file by file, by name and never by id. */
import type { Request } from '../../../read/index.js';
import {
  difference,
  isSubstantial,
  type FileDifference,
  type Side,
  type SpanDifference,
} from '../../analysis/difference.js';
import { sideNumbers } from '../../analysis-objects.js';
import type { Answer, Session, Tool } from '../call.js';
import { stateSchema } from '../items.js';
import { onlyRequest } from '../only-request.js';
import { nextPage, pageOf } from '../page.js';
import { cursorParameter, limitParameter, runParameter, type Asked } from '../parameters.js';
import {
  count,
  data,
  list,
  number,
  object,
  oneOf,
  orNull,
  text,
  untrusted,
  yesNo,
} from '../schema.js';
import { truthOf } from '../truth.js';
import type { Untrusted } from '../untrusted.js';

const runSchema = object({
  run: text,
  state: stateSchema,
  spans: count,
  duration_ms: orNull(number),
});
const side = orNull(
  object({ count, states: { type: 'object' }, p50_ms: orNull(number), total_ms: number }),
);

export const compare: Tool = {
  name: 'compare',
  title: 'Compare two runs',
  description:
    'What two runs did differently: spans only one of them has, that ended otherwise, more or fewer of them, slower or faster (20 % and 5 ms at least), and files written otherwise. Compared by name and place.',
  parameters: {
    a: { ...runParameter, isRequired: true },
    b: { ...runParameter, isRequired: true },
    limit: limitParameter(20),
    cursor: cursorParameter,
  },
  output: {
    a: runSchema,
    b: runSchema,
    differs: { ...yesNo, description: 'in more than time' },
    same: { ...count, description: 'places and files that do not differ' },
    differences: list(
      object(
        {
          of: oneOf('span', 'file'),
          change: oneOf('slower', 'faster', 'added', 'removed', 'count', 'outcome', 'content'),
          a: side,
          b: side,
          untrusted,
          data: data({ name: text, path: list(text), errors_a: list(text), errors_b: list(text) }),
        },
        { spans: count },
      ),
    ),
  },
  answer,
};

async function answer(asked: Asked, session: Session): Promise<Answer> {
  const { reading } = session;
  const first = await reading.requests(session, asked.text('a') ?? '');
  const second = await reading.requests(session, asked.text('b') ?? '');
  const [a, b] = [onlyRequest(first.requests), onlyRequest(second.requests)];
  const found = difference(a, b);
  const all = itemsOf(found.spans, found.files);
  const page = pageOf([...all.entries()], {
    noun: 'difference',
    limit: asked.integer('limit'),
    cursor: asked.text('cursor'),
    keyOf: ([index]) => String(index),
    show: ([, item], words) => item(words),
  });
  return {
    fields: {
      a: requestItem(a),
      b: requestItem(b),
      differs: isSubstantial(found),
      same: found.spans.length + found.files.length - all.length,
      differences: page.items,
    },
    omitted: page.omitted,
    next: [
      ...nextPage('compare', { ...asked.given, a: a.entrySpanId, b: b.entrySpanId }, page.cursor),
      { tool: 'run_outline', arguments: { run: b.entrySpanId } },
    ],
    truth: truthOf(second.story),
  };
}

function requestItem(request: Request): object {
  return {
    run: request.correlationId,
    state: request.state,
    spans: request.spans,
    duration_ms: request.durationMs ?? null,
  };
}

type Item = (words: Untrusted) => object;

/** What differs: spans with the names above them, and then files. */
function itemsOf(
  spans: readonly SpanDifference[],
  files: readonly FileDifference[],
): readonly Item[] {
  const items: Item[] = [];
  const above: string[] = [];
  for (const span of spans) {
    above.length = span.depth;
    const path = [...above];
    above.push(`${span.kind} ${span.name}`);
    if (span.change !== 'same') items.push((words) => spanItem(span, path, words));
  }
  for (const file of files) {
    if (file.change !== 'same') items.push((words) => fileItem(file, words));
  }
  return items;
}

function spanItem(span: SpanDifference, path: readonly string[], words: Untrusted): object {
  return {
    of: 'span',
    change: span.change,
    spans: span.spans,
    a: span.a === undefined ? null : sideNumbers(span.a),
    b: span.b === undefined ? null : sideNumbers(span.b),
    ...words.mark({
      name: `${span.kind} ${span.name}`,
      path,
      errors_a: errorsOf(span.a),
      errors_b: errorsOf(span.b),
    }),
  };
}

function fileItem({ path, change }: FileDifference, words: Untrusted): object {
  return { of: 'file', change, a: null, b: null, ...words.mark({ name: path }) };
}

function errorsOf(one: Side | undefined): readonly string[] | undefined {
  return one === undefined || one.errors.length === 0 ? undefined : one.errors;
}
