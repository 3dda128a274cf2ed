/** `throughline show RUN`: everything one request caused, across processes, as a tree. */
import { walk, type Request } from '../../read/index.js';
import { isFailure } from '../analysis/failures.js';
import type { Given } from '../command.js';
import { jsonLine } from '../json.js';
import { runObject, spanObject } from '../objects.js';
import { openRequests, reportTruth, timeStyle } from '../open-story.js';
import { paged, type Execute } from '../reading.js';
import { plural, truthLines } from '../render/truth-line.js';
import { waterfall } from '../render/waterfall.js';
import { inferredOf, shortId } from '../render/words.js';
import { paragraph, print } from '../text.js';

export const execute: Execute = paged(async (given: Given): Promise<number> => {
  const { requests, story, code } = await openRequests(given, given.arguments[0] ?? '');
  if (story === undefined) return code;
  if (given.flag('json')) {
    for (const request of requests) printJson(request);
    reportTruth(story.truth);
    return code;
  }
  const full = given.flag('full');
  for (const request of requests) {
    print(waterfall(request, { full, style: timeStyle(given) }));
    print(paragraph({ text: footer(request, full), style: 'dim' }));
  }
  print(truthLines(story, ''));
  return code;
});

function printJson(request: Request): void {
  print([jsonLine('run/1', runObject(request))]);
  for (const { span, depth } of walk(request.roots)) {
    print([jsonLine('span/1', spanObject(request, span, depth))]);
  }
}

function footer(request: Request, full: boolean): string {
  const parts = [
    plural(request.spans, 'span'),
    plural(request.records, 'record'),
    plural(request.streams.length, 'stream'),
  ];
  if (request.effects > 0) {
    parts.push(
      `${plural(request.effects, 'effect')}${inferredOf(request.effects, request.effectsInferred)}`,
    );
  }
  if (!full) parts.push('unfold: --full');
  if (!full && isFailure(request)) {
    parts.push(`next: throughline failed ${shortId(request.correlationId).slice(1)}`);
  }
  return parts.join(' · ');
}
