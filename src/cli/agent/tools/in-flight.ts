/** `in_flight`: what was open when the streams end, oldest first. */
import { openSpans, type OpenSpan } from '../../../read/index.js';
import type { Answer, Session, Tool } from '../call.js';
import { isoTime } from '../items.js';
import { nextPage, pageOf } from '../page.js';
import { cursorParameter, limitParameter, type Asked } from '../parameters.js';
import { eachRequest } from '../pause.js';
import { spanName } from '../../render/words.js';
import { data, list, object, oneOf, orNull, text, time, untrusted } from '../schema.js';
import { truthOf } from '../truth.js';
import type { Untrusted } from '../untrusted.js';

export const inFlight: Tool = {
  name: 'in_flight',
  title: 'What is in flight',
  description:
    'Spans that were open when the streams end, oldest first: in_flight (its writer lives), lost (its writer is provably gone) or unknown, the evidence, and whom each waits for. For work that hangs, and after a crash.',
  parameters: { limit: limitParameter(20), cursor: cursorParameter },
  output: {
    open: list(
      object({
        run: text,
        request: text,
        span: text,
        state: oneOf('in_flight', 'lost', 'unknown'),
        since: orNull(time),
        last: orNull(time),
        waits_for: list(object({ span: text, state: text })),
        untrusted,
        data: data({
          name: text,
          why: text,
          writer: text,
          last_event: text,
          waits_for_unseen: list(text),
          via: text,
          client: text,
          what: text,
        }),
      }),
    ),
  },
  answer,
};

async function answer(asked: Asked, session: Session): Promise<Answer> {
  const story = await session.reading.story(session);
  const all: OpenSpan[] = [];
  for await (const request of eachRequest(story.requests, session)) {
    if (request.open > 0) all.push(...openSpans([request]));
  }
  all.sort((a, b) => (a.span.first.hlc < b.span.first.hlc ? -1 : 1));
  const page = pageOf(all, {
    noun: 'open span',
    limit: asked.integer('limit'),
    cursor: asked.text('cursor'),
    keyOf: ({ span }) => `${span.correlationId}.${span.spanId}`,
    show: itemOf,
  });
  const { first } = page;
  const { correlationId: run, spanId: span } = first?.span ?? {};
  return {
    fields: { open: page.items },
    omitted: page.omitted,
    next: [
      ...nextPage('in_flight', asked.given, page.cursor),
      ...(first === undefined ? [] : [{ tool: 'expand', arguments: { run, span } }]),
      ...(all.some(({ state }) => state !== 'in_flight')
        ? [{ tool: 'reconcile', arguments: {} }]
        : []),
    ],
    truth: truthOf(story),
  };
}

function itemOf(open: OpenSpan, words: Untrusted): object {
  const { request, span, state, last, waitsFor, waitsForUnseen } = open;
  return {
    run: request.correlationId,
    request: request.entrySpanId,
    span: span.spanId,
    state,
    since: isoTime(span.first),
    last: isoTime(last),
    waits_for: waitsFor.map((one) => ({ span: one.spanId, state: one.state })),
    ...words.mark({
      name: spanName(span),
      why: span.why,
      writer: span.writerId,
      last_event: last.event,
      waits_for_unseen: waitsForUnseen.length === 0 ? undefined : waitsForUnseen,
      via: request.via,
      client: request.client,
      what: request.what,
    }),
  };
}
