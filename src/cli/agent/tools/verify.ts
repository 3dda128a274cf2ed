/** `verify`: reads every byte of every stream and says what is not as it was written. */
import { setImmediate as turn } from 'node:timers/promises';
import { plural } from '../../render/truth-line.js';
import { damages, verifyRoot, type Verified } from '../../verify-root.js';
import type { Answer, Session, Tool } from '../call.js';
import { AgentError } from '../error.js';
import { nextPage, pageOf } from '../page.js';
import { cursorParameter, limitParameter, type Asked } from '../parameters.js';
import { count, data, list, object, oneOf, text, untrusted } from '../schema.js';
import type { Untrusted } from '../untrusted.js';

const faultsMax = 8;

export const verify: Tool = {
  name: 'verify',
  title: 'Verify the streams',
  description:
    'Checks every byte of every stream (checksums, chains, seals): how far the other answers can be trusted. Damaged streams come first. Slow on large roots.',
  parameters: { limit: limitParameter(20), cursor: cursorParameter },
  output: {
    streams: list(
      object({
        result: oneOf('as_written', 'damaged', 'unreadable'),
        segments: count,
        records: count,
        durable_to: { ...count, description: 'sequence' },
        untrusted,
        data: data({ stream: text, problem: text, faults: list(text) }),
      }),
    ),
    damaged: count,
  },
  answer,
};

/** With the number of the root that it is in. */
type Found = Verified & { readonly place: number };

async function answer(asked: Asked, session: Session): Promise<Answer> {
  const verified: Found[] = [];
  const problems: string[] = [];
  await session.reading.alone(session, async (watch) => {
    for (const [place, root] of session.reading.places.roots.entries()) {
      try {
        for await (const one of verifyRoot(root)) {
          verified.push({ ...one, place });
          watch(one.report?.records ?? 0);
          await turn();
        }
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'ROOT_UNUSABLE') throw error;
        problems.push((error as Error).message);
      }
    }
  });
  if (verified.length === 0) {
    const why =
      problems.length === 0
        ? `${session.reading.places.roots.join(', ')} holds no streams`
        : problems.join('; ');
    throw new AgentError(`there is nothing to verify: ${why}`);
  }
  const sorted = [...verified.filter(isBad), ...verified.filter((one) => !isBad(one))];
  const page = pageOf(sorted, {
    noun: 'stream',
    limit: asked.integer('limit'),
    cursor: asked.text('cursor'),
    keyOf: ({ ref, place }) => `${place}.${ref.writerId}`,
    show: itemOf,
  });
  const damaged = verified.filter(isBad).length;
  return {
    fields: { streams: page.items, damaged },
    omitted: page.omitted,
    next: nextPage('verify', asked.given, page.cursor),
    truth: [
      `${plural(verified.length, 'stream')} verified, ${damaged === 0 ? 'none' : damaged} damaged`,
      ...problems,
    ].join(' · '),
  };
}

function isBad(one: Verified): boolean {
  return one.report === undefined || damages(one).length > 0;
}

function itemOf(one: Verified, words: Untrusted): object {
  const { ref, report, problem } = one;
  const faults = (report?.faults ?? []).map(
    ({ verdict, file, offset, message }) => `${verdict} ${file}:${offset}: ${message}`,
  );
  if (faults.length > faultsMax) words.cuts += 1;
  return {
    result:
      report === undefined ? 'unreadable' : damages(one).length === 0 ? 'as_written' : 'damaged',
    segments: ref.segments.length,
    records: report?.records ?? 0,
    durable_to: report?.synced ?? 0,
    ...words.mark({
      stream: ref.writerId,
      problem: problem === '' ? undefined : problem,
      faults: faults.length === 0 ? undefined : faults.slice(0, faultsMax),
    }),
  };
}
