/** `expand`: one span with its error and what is directly below it, or the spans that a line of the outline folded. */
import { walk, type Request, type Span } from '../../../read/index.js';
import type { Answer, Session, Tool } from '../call.js';
import { AgentError, type Call } from '../error.js';
import { foldNamed, spanNamed } from '../handles.js';
import { spanItem, spanSchema } from '../items.js';
import { nameOf, onlyRequest } from '../only-request.js';
import { nextPage, pageOf } from '../page.js';
import { cursorParameter, limitParameter, runParameter, type Asked } from '../parameters.js';
import { list, text } from '../schema.js';
import { truthOf } from '../truth.js';
import { Untrusted } from '../untrusted.js';

/** What is nearest says most. */
const pathMax = 32;

export const expand: Tool = {
  name: 'expand',
  title: 'Expand a span or a fold',
  description:
    'A span with its error, path and files, and its children; or, with fold, the spans behind a folded line. Take ~handles or span ids from run_outline.',
  parameters: {
    run: { ...runParameter, isRequired: true },
    span: { kind: 'text', help: 'a span id or ~handle' },
    fold: { kind: 'text', help: "a folded line's ~handle" },
    limit: limitParameter(20),
    cursor: cursorParameter,
  },
  output: { run: text, span: spanSchema, spans: list(spanSchema) },
  answer,
};

async function answer(asked: Asked, session: Session): Promise<Answer> {
  const [span, fold] = [asked.text('span'), asked.text('fold')];
  if ((span === undefined) === (fold === undefined)) {
    throw new AgentError(
      'expand takes span or fold, one of them: run_outline shows both as ~handles',
    );
  }
  const given = asked.text('run') ?? '';
  const { requests, story } = await session.reading.requests(session, given);
  const request = onlyRequest(requests, span ?? fold ?? '');
  const top = spanNamed(request, span ?? fold ?? '');
  const members =
    span === undefined ? foldNamed(request, fold ?? '').map((one) => one.span) : top.children;
  const page = pageOf(members, {
    noun: 'span',
    limit: asked.integer('limit'),
    cursor: asked.text('cursor'),
    keyOf: ({ spanId }) => spanId,
    show: (one, said) => spanItem(one, said),
  });
  const words = new Untrusted();
  const run = nameOf(request, given, requests);
  return {
    fields: {
      run: request.correlationId,
      span: spanItem(top, words, pathTo(request, top)),
      spans: page.items,
    },
    omitted: [...page.omitted, ...words.omitted()],
    next: [
      ...nextPage('expand', { ...asked.given, run }, page.cursor),
      ...(span === undefined ? [] : recordsOf(run, top)),
    ],
    truth: truthOf(story),
  };
}

function recordsOf(run: string, { spanId }: Span): readonly Call[] {
  return [{ tool: 'get_records', arguments: { run, span: spanId } }];
}

/** From the root to the span, without attempts. */
function pathTo(request: Request, wanted: Span): readonly Span[] {
  const above: Span[] = [];
  for (const { span, depth } of walk(request.roots)) {
    above.length = depth;
    above.push(span);
    if (span === wanted) break;
  }
  const path = above.filter((span) => span.kind !== 'dispatch' || span === wanted);
  return path.slice(-pathMax);
}
