/** `reconcile`: where the streams contradict each other, and what it means for doing work again. */
import type { Finding } from '../../../read/index.js';
import type { Answer, Session, Tool } from '../call.js';
import { nextPage, pageOf } from '../page.js';
import { cursorParameter, limitParameter, type Asked } from '../parameters.js';
import { data, list, object, oneOf, orNull, text, untrusted } from '../schema.js';
import { truthOf } from '../truth.js';
import type { Untrusted } from '../untrusted.js';

const proofMax = 4;

export const reconcile: Tool = {
  name: 'reconcile',
  title: 'Contradictions, and what to run again',
  description:
    'After a crash: what was sent and never arrived, done and never noted, done twice … Each with the records that prove it, and recovery: safe_to_re_run, already_done or unknown. Open work (in_flight) that no finding names: unknown.',
  parameters: { limit: limitParameter(20), cursor: cursorParameter },
  output: {
    findings: list(
      object({
        finding: text,
        recovery: oneOf('safe_to_re_run', 'already_done', 'unknown'),
        run: orNull(text),
        request: orNull(text),
        span: orNull(text),
        untrusted,
        data: data({
          message: text,
          because: text,
          repeat: text,
          records: list({ type: 'object' }),
        }),
      }),
    ),
  },
  answer,
};

async function answer(asked: Asked, session: Session): Promise<Answer> {
  const { findings, story, isCut } = await session.reading.reconcile(session);
  const page = pageOf(findings, {
    noun: 'finding',
    limit: asked.integer('limit'),
    cursor: asked.text('cursor'),
    keyOf,
    show: itemOf,
  });
  return {
    fields: { findings: page.items },
    omitted: [...page.omitted, ...(isCut ? ['there was more than could be looked into'] : [])],
    next: [
      ...nextPage('reconcile', asked.given, page.cursor),
      ...(page.first?.entrySpanId === undefined
        ? []
        : [{ tool: 'run_outline', arguments: { run: page.first.entrySpanId } }]),
    ],
    truth: truthOf(story),
  };
}

/** What no other finding has: the first record that proves it, and what it says of it. */
function keyOf({ name, spanId, records: [record] }: Finding): string {
  return [name, spanId ?? '', record?.writerId ?? '', record?.sequence ?? ''].join('.');
}

function itemOf(finding: Finding, words: Untrusted): object {
  if (finding.records.length > proofMax) words.cuts += 1;
  return {
    finding: finding.name,
    recovery: finding.recovery.replaceAll(/[ -]/g, '_'),
    run: finding.correlationId ?? null,
    request: finding.entrySpanId ?? null,
    span: finding.spanId ?? null,
    ...words.mark({
      message: finding.message,
      because: finding.because,
      repeat: finding.repeat,
      records: finding.records.slice(0, proofMax).map((record) => ({
        writer: record.writerId,
        sequence: record.sequence,
        event: record.event,
        ts: record.ts,
        file: record.file,
        offset: record.offset,
      })),
    }),
  };
}
