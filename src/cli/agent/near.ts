/** What to say to whoever names a run that is not there, or too many: those that were perhaps meant, without a word of theirs. */
import { clean } from '../text.js';
import type { Request, Story } from '../../read/index.js';
import { summary } from '../render/truth-line.js';
import { AgentError } from './error.js';
import { isoTime } from './items.js';
import { shown } from './parameters.js';

/** How far back candidates are looked for. */
const requestsMax = 1000;
const candidatesMax = 4;
/** Of the characters that were given, so many must be right. */
const shareMin = 0.6;

export function unknownRun(
  reference: string,
  code: 'RUN_NOT_FOUND' | 'RUN_AMBIGUOUS',
  { requests, truth }: Story,
): AgentError {
  const wanted = reference.replace(/^(?:…|\.{3})/, '').toUpperCase();
  const all: { readonly request: Request; readonly share: number }[] = [];
  for (let index = 0; index < Math.min(requests.length, requestsMax); index += 1) {
    const request = requests.at(index);
    if (request !== undefined) all.push({ request, share: likeness(wanted, request) });
  }
  const near = all
    .filter(({ share }) => share >= shareMin)
    .toSorted((a, b) => b.share - a.share)
    .slice(0, candidatesMax);
  const listed = (near.length > 0 ? near : all.slice(0, candidatesMax)).map(({ request }) =>
    lineOf(request),
  );
  const isAmbiguous = code === 'RUN_AMBIGUOUS';
  const what = isAmbiguous
    ? `${shown(reference)} is the end of several run ids`
    : `no recorded run is ${shown(reference)}`;
  const which = near.length > 0 ? (isAmbiguous ? 'Give one of' : 'Did you mean') : 'The newest are';
  const read = summary(truth);
  return new AgentError(
    `${what} (${clean(read)}). ${listed.length === 0 ? 'There are no runs' : `${which}: ${listed.join('; ')}`}`,
    [{ tool: 'list_runs', arguments: {} }],
  );
}

/** The share of characters that are the same, counted from the end. */
function likeness(wanted: string, { correlationId, entrySpanId, traceId }: Request): number {
  return Math.max(
    ...[correlationId, entrySpanId.toUpperCase(), traceId.toUpperCase()].map((id) => {
      const length = Math.min(wanted.length, id.length);
      if (length < 4) return 0;
      let same = 0;
      for (let at = 1; at <= length; at += 1) if (wanted.at(-at) === id.at(-at)) same += 1;
      return same / wanted.length;
    }),
  );
}

function lineOf(request: Request): string {
  return `${request.correlationId} (${request.state}, ${isoTime(request.started)})`;
}
