/**
 * Requests from spans: the trees, grouped by what caused them. A request's entry span is the front's own span, which
 * is recorded nowhere; every tree whose root names it as parent belongs to it. A root without a parent is its own
 * entry. Nothing is dropped: a chain of parents that bites its own tail is cut open and shown.
 */
import { compareText } from './merge.js';
import { requestOf, type Request } from './request.js';
import type { Span, SpanDraft } from './span.js';
import { spanKey } from './spans.js';
import { judgeSpans, type Evidence } from './state.js';
import { walk } from './tree.js';

/** Builds the requests, newest first. `streamOf` finds a writer's stream. */
export function buildRequests(
  spans: ReadonlyMap<string, SpanDraft>,
  streamOf: Evidence,
): readonly Request[] {
  const groups = new Map<string, SpanDraft[]>();
  for (const top of linkParents(spans)) {
    const key = spanKey(top.correlationId, top.parentSpanId ?? top.spanId);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [top]);
    else group.push(top);
  }
  const requests: Request[] = [];
  for (const roots of groups.values()) {
    roots.sort(byStart);
    judgeSpans(roots, streamOf);
    const request = requestOf(roots, streamOf);
    if (request !== undefined) requests.push(request);
  }
  return requests.sort(
    (a, b) =>
      compareText(b.started.hlc, a.started.hlc) || compareText(b.entrySpanId, a.entrySpanId),
  );
}

/** Fills `children`; returns the spans whose parent is recorded nowhere. */
function linkParents(spans: ReadonlyMap<string, SpanDraft>): readonly SpanDraft[] {
  const tops: SpanDraft[] = [];
  for (const span of spans.values()) {
    const parent =
      span.parentSpanId === undefined
        ? undefined
        : spans.get(spanKey(span.correlationId, span.parentSpanId));
    if (parent === undefined) tops.push(span);
    else parent.children.push(span);
  }
  const seen = new Set([...walk(tops)].map((visit) => visit.span));
  for (const span of spans.values()) {
    if (seen.has(span)) continue;
    // Only a cycle leaves spans that no top leads to. Cut it where it was first recorded.
    const parent = spans.get(spanKey(span.correlationId, span.parentSpanId ?? span.spanId));
    if (parent !== undefined) parent.children = parent.children.filter((child) => child !== span);
    tops.push(span);
    for (const { span: below } of walk([span])) seen.add(below);
  }
  for (const span of spans.values()) span.children.sort(byStart);
  return tops;
}

function byStart(a: Span, b: Span): number {
  return compareText(a.first.hlc, b.first.hlc) || compareText(a.spanId, b.spanId);
}
