/** `throughline critical-path RUN`: the spans that a request's time went to. */
import type { Request } from '../../read/index.js';
import { criticalPath, type Step } from '../analysis/critical-path.js';
import type { Given } from '../command.js';
import { jsonLine } from '../json.js';
import { stepObject } from '../analysis-objects.js';
import { openRequests, reportTruth, timeStyle } from '../open-story.js';
import { paged, type Execute } from '../reading.js';
import { plural, truthLines } from '../render/truth-line.js';
import { stepTable } from '../render/step-table.js';
import { requestLines } from '../render/waterfall.js';
import { spanName } from '../render/words.js';
import { paragraph, print } from '../text.js';

export const execute: Execute = paged(async (given: Given): Promise<number> => {
  const { requests, story, code } = await openRequests(given, given.arguments[0] ?? '');
  if (story === undefined) return code;
  for (const request of requests) {
    const steps = criticalPath(request);
    if (given.flag('json')) {
      print(steps.map((step) => jsonLine('step/1', stepObject(request, step))));
    } else {
      print([...requestLines(request, timeStyle(given)), ...stepTable(steps)]);
      print(paragraph({ text: footer(request, steps), style: 'dim' }));
    }
  }
  if (given.flag('json')) reportTruth(story.truth);
  else print(truthLines(story, ''));
  return code;
});

function footer(request: Request, steps: readonly Step[]): string {
  const spans = steps.reduce((sum, { count }) => sum + count, 0);
  const parts = [`${plural(spans, 'span')} of ${request.spans} on the path`];
  const [most] = steps.toSorted((a, b) => b.selfUs - a.selfUs);
  const totalUs = steps.reduce((sum, step) => sum + step.selfUs + step.waitUs, 0);
  if (most !== undefined && totalUs > 0) {
    const share = Math.round((most.selfUs / totalUs) * 100);
    const name = `${spanName(most.span)}${most.count === 1 ? '' : ` ×${most.count}`}`;
    parts.push(`${share} % of the time in ${name}`);
  }
  if (request.open > 0) parts.push(`${plural(request.open, 'span')} open: as far as is recorded`);
  return parts.join(' · ');
}
