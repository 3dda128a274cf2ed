/** `run_outline`: one request as a few lines, the same that `throughline show` prints, with handles to unfold them by. */
import type { Request, Span } from '../../../read/index.js';
import { failuresOf } from '../../analysis/failures.js';
import { criticalPath } from '../../analysis/critical-path.js';
import { plural } from '../../render/truth-line.js';
import { stepTable } from '../../render/step-table.js';
import { requestLines, waterfall } from '../../render/waterfall.js';
import type { Answer, Session, Tool } from '../call.js';
import { callText, type Call } from '../error.js';
import { onlyFailing } from '../failing.js';
import { handlesOf } from '../handles.js';
import { stateSchema } from '../items.js';
import { nameOf } from '../only-request.js';
import { runParameter, type Asked } from '../parameters.js';
import type { Found } from '../reading.js';
import { count, data, list, object, text, untrusted } from '../schema.js';
import { truthOf } from '../truth.js';
import { cleanLines } from '../../text.js';

const tokensDefault = 1500;
const bytesPerToken = 4;
/** Several requests may have one id. */
const requestsMax = 3;
const style = { isUtc: true };

export const runOutline: Tool = {
  name: 'run_outline',
  title: 'Outline of a run',
  description:
    'A run as a folded tree: equal siblings that went well are one line (×N), what went wrong is shown. ~handles at the end of lines are for expand. A run of any size fits in 1,000 bytes unless budget_tokens asks for more.',
  parameters: {
    run: { ...runParameter, isRequired: true },
    budget_tokens: {
      kind: 'integer',
      min: 100,
      max: 8000,
      default: tokensDefault,
      help: 'at most so much text; what does not fit is folded',
    },
    focus: {
      kind: 'choice',
      values: ['failed', 'critical', 'all'],
      default: 'all',
      help: 'failed: only the way to what failed or is open; critical: where the time went',
    },
  },
  output: {
    runs: list(
      object({
        run: text,
        request: text,
        state: stateSchema,
        spans: count,
        untrusted,
        data: data({ outline: text }),
      }),
    ),
  },
  answer: async (asked, session) => {
    const run = asked.text('run') ?? '';
    return outlineAnswer(run, await session.reading.requests(session, run), asked);
  },
};

/** The same for a resource, with nothing asked. */
export async function outlineText(run: string, session: Session): Promise<string> {
  return outlineAnswer(run, await session.reading.requests(session, run)).text ?? '';
}

function outlineAnswer(run: string, { requests, story }: Found, asked?: Asked): Answer {
  const shown = requests.slice(0, requestsMax);
  const budget = asked?.integer('budget_tokens') ?? tokensDefault;
  const room = {
    // Only who asks for more than usual gets more of a large request than usual.
    isUsual: asked?.given['budget_tokens'] === undefined || budget <= tokensDefault,
    bytes: Math.floor((budget * bytesPerToken) / shown.length),
  };
  const outlines = shown.map((request) => outlineOf(request, asked?.text('focus') ?? 'all', room));
  const truth = truthOf(story);
  const omitted = [...omittedOf(shown, outlines), ...older(requests.length - shown.length)];
  const next = nextOf(requests, shown, run);
  return {
    fields: {
      runs: shown.map((request, index) => ({
        run: request.correlationId,
        request: request.entrySpanId,
        state: request.state,
        spans: request.spans,
        untrusted: true,
        data: { outline: outlines[index]?.lines.join('\n') ?? '' },
      })),
    },
    omitted,
    next,
    truth,
    text: [
      'untrusted, as recorded:',
      // A mark that no line can forge: newlines of theirs are gone.
      ...outlines.flatMap(({ lines }) => lines.map((line) => `> ${line}`)),
      ...omitted.map((phrase) => `omitted: ${phrase}`),
      truth,
      ...next.slice(0, 1).map((call) => `next: ${callText(call)}`),
    ].join('\n'),
  };
}

interface Outline {
  readonly lines: readonly string[];
  /** Spans that no line of their own is of. */
  readonly hidden: number;
}

function outlineOf(
  request: Request,
  focus: string,
  room: { readonly isUsual: boolean; readonly bytes: number },
): Outline {
  if (focus === 'critical') return critical(request, room.bytes);
  const handles = handlesOf(request);
  const spansOfLines: number[] = [];
  const printed = waterfall(focus === 'failed' ? onlyFailing(request) : request, {
    full: false,
    style,
    room,
    handleOf: (item) => {
      // A line of a run stands for the attempt that led to it, too.
      spansOfLines.push(item.kind === 'fold' ? 0 : item.attempt === undefined ? 1 : 2);
      return handles(item);
    },
  });
  const lines = printed.map((line) => cleanLines(line));
  const left = Number(/^… (\d+) more lines$/.exec(lines.at(-1) ?? '')?.[1] ?? 0);
  const shown = spansOfLines.slice(0, spansOfLines.length - left);
  const hidden = request.spans - shown.reduce((sum, spans) => sum + spans, 0);
  return { lines, hidden: Math.max(0, hidden) };
}

function critical(request: Request, bytesMax: number): Outline {
  const steps = criticalPath(request);
  const lines = [...requestLines(request, style), ...stepTable(steps)];
  const kept: string[] = [];
  let bytes = 0;
  for (const line of lines) {
    bytes += Buffer.byteLength(line) + 1;
    if (bytes > bytesMax) break;
    kept.push(cleanLines(line));
  }
  const onPath = steps.slice(0, Math.max(0, kept.length - (lines.length - steps.length)));
  return { lines: kept, hidden: Math.max(0, request.spans - onPath.length) };
}

function omittedOf(shown: readonly Request[], outlines: readonly Outline[]): readonly string[] {
  const hidden = outlines.reduce((sum, outline) => sum + outline.hidden, 0);
  const all = shown.reduce((sum, { spans }) => sum + spans, 0);
  return hidden === 0 ? [] : [`${hidden} of ${plural(all, 'span')} folded`];
}

function older(requests: number): readonly string[] {
  return requests === 0 ? [] : [`${plural(requests, 'older request')} of this id`];
}

/** The cause: the first leaf that failed, or what the newest request hangs on; else its records. */
function nextOf(
  requests: readonly Request[],
  shown: readonly Request[],
  given: string,
): readonly Call[] {
  const [request] = shown;
  if (request === undefined) return [];
  const run = nameOf(request, given, requests);
  const cause = causeOf(request);
  const calls: Call[] =
    cause === undefined
      ? [{ tool: 'get_records', arguments: { run } }]
      : [{ tool: 'expand', arguments: { run, span: cause.spanId } }];
  const behind = requests[shown.length];
  if (behind !== undefined) {
    calls.push({ tool: 'run_outline', arguments: { run: behind.entrySpanId } });
  }
  return calls;
}

function causeOf(request: Request): Span | undefined {
  if (request.state === 'completed') return undefined;
  const [failure] = failuresOf(request);
  return failure?.span ?? request.decidedBy;
}
