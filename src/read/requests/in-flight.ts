/** What was open when the streams ended, span by span, and who waits for whom. */
import type { Request, RequestList } from './request.js';
import type { Span } from '../spans/span.js';
import { walk } from './tree.js';

/** One open run or handler, or an attempt of which no stream tells below a run that ended without its answer. */
export interface OpenSpan {
  readonly request: Request;
  readonly span: Span;
  /** `in_flight`, `lost` or `unknown`. */
  readonly state: Span['state'];
  /** The last record of the span or of anything below it in the same stream. */
  readonly last: Span['last'];
  /** The open spans in other streams that it waits for. */
  readonly waitsFor: readonly Span[];
  /** The names of runners it sent work to of which no stream tells. */
  readonly waitsForUnseen: readonly string[];
}

/**
 * The open spans of all requests, oldest first. A run is left out when one of its own handlers is open: the handler
 * says the same more exactly.
 */
export function openSpans(requests: RequestList): readonly OpenSpan[] {
  const found: OpenSpan[] = [];
  for (const request of requests) {
    if (request.open === 0) continue;
    for (const { span } of walk(request.roots)) {
      // For an attempt in flight speaks the run that waits for it.
      if (!span.open || (span.kind === 'dispatch' && span.state === 'in_flight')) continue;
      if (span.children.some((child) => child.open && child.kind === 'handler')) continue;
      found.push(describe(request, span));
    }
  }
  return found.sort((a, b) => (a.span.first.hlc < b.span.first.hlc ? -1 : 1));
}

function describe(request: Request, span: Span): OpenSpan {
  const waitsFor: Span[] = [];
  const waitsForUnseen: string[] = [];
  const stack = [...span.children];
  for (let below = stack.pop(); below !== undefined; below = stack.pop()) {
    if (below.writerId !== span.writerId) {
      // The first span of another stream is whom it waits for; what is behind that one waits there.
      if (below.open) waitsFor.push(below);
      continue;
    }
    if (below.kind === 'dispatch' && below.children.length === 0 && span.open) {
      waitsForUnseen.push(below.name);
    }
    stack.push(...below.children);
  }
  return { request, span, state: span.state, last: lastRecord(span), waitsFor, waitsForUnseen };
}

/** The last record of the span or of anything below it in the same stream: how far that stream goes in it. */
export function lastRecord(span: Span): Span['last'] {
  let { last } = span;
  const stack = [...span.children];
  for (let below = stack.pop(); below !== undefined; below = stack.pop()) {
    if (below.writerId !== span.writerId) continue;
    if (below.last.hlc > last.hlc) last = below.last;
    stack.push(...below.children);
  }
  return last;
}
