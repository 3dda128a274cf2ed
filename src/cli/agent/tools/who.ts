/** `who`: which runs wrote a file, newest first, and whether it is still what they wrote. */
import { isAbsolute, normalize } from 'node:path';
import { effectsOn, type EffectOf } from '../../../read/index.js';
import { compareEffect, fileNow, type CurrentFile } from '../../file-now.js';
import { pathsOf } from '../../paths.js';
import { spanName } from '../../render/words.js';
import type { Answer, Session, Tool } from '../call.js';
import { AgentError } from '../error.js';
import { isoTime, stateSchema } from '../items.js';
import { nextPage, pageOf } from '../page.js';
import { cursorParameter, limitParameter, shown, type Asked } from '../parameters.js';
import { eachRequest } from '../pause.js';
import { data, list, object, oneOf, orNull, text, time, untrusted, yesNo } from '../schema.js';
import { truthOf } from '../truth.js';
import type { Untrusted } from '../untrusted.js';

const pathCharsMax = 4096;

export const who: Tool = {
  name: 'who',
  title: 'Who wrote this file',
  description:
    'Recorded writes of a file, newest first: which run and span, and whether the file is still as that write left it (same, changed, gone, unreadable). Reads the file to compare it; shows nothing of it.',
  parameters: {
    path: { kind: 'text', isRequired: true, charsMax: pathCharsMax, help: 'an absolute path' },
    limit: limitParameter(20),
    cursor: cursorParameter,
  },
  output: {
    writes: list(
      object({
        run: text,
        request: text,
        span: text,
        state: stateSchema,
        at: orNull(time),
        now: oneOf('same', 'changed', 'gone', 'unreadable'),
        inferred: yesNo,
        untrusted,
        data: data({
          path: text,
          change: text,
          after_sha256: text,
          name: text,
          writer: text,
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
  const path = asked.text('path') ?? '';
  if (!isAbsolute(path)) throw new AgentError(`path must be absolute, got ${shown(path)}`);
  const paths = await pathsOf(normalize(path));
  const story = await session.reading.story(session);
  const all: EffectOf[] = [];
  for await (const request of eachRequest(story.requests, session)) {
    if (request.effects > 0) all.push(...effectsOn([request], paths));
  }
  all.sort((a, b) => (a.effect.at.hlc < b.effect.at.hlc ? 1 : -1));
  // A file that no run wrote is none of our business.
  const current = all.length === 0 ? undefined : await fileNow(normalize(path));
  const page = pageOf(all, {
    noun: 'write',
    limit: asked.integer('limit'),
    cursor: asked.text('cursor'),
    keyOf: ({ effect, span }) => `${effect.at.hlc}.${span.spanId}`,
    show: (one, words) => itemOf(one, current, words),
  });
  const { first } = page;
  return {
    fields: { writes: page.items },
    omitted: page.omitted,
    next: [
      ...(first === undefined
        ? []
        : [{ tool: 'run_outline', arguments: { run: first.request.correlationId } }]),
      ...nextPage('who', asked.given, page.cursor),
    ],
    truth: truthOf(story),
  };
}

function itemOf(found: EffectOf, current: CurrentFile | undefined, words: Untrusted): object {
  const { effect, span, request } = found;
  return {
    run: request.correlationId,
    request: request.entrySpanId,
    span: span.spanId,
    state: request.state,
    at: isoTime(effect.at),
    now: compareEffect(effect, current),
    inferred: effect.inferred,
    ...words.mark({
      path: effect.path,
      change: effect.change,
      after_sha256: effect.after?.sha256,
      name: spanName(span),
      writer: effect.writerId,
      via: request.via,
      client: request.client,
      what: request.what,
    }),
  };
}
