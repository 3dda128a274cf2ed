/**
 * With OpenTelemetry in the process its active span is the parent and its trace id the correlation id. The caller
 * passes the API object in; this module imports none of it.
 */
import type { RemoteContext } from './context.js';
import { extract } from './carriers.js';
import { parseSpanId, parseTraceId } from './ids.js';
import { formatTraceparent } from './traceparent.js';

/** The parts of `@opentelemetry/api` that are used. */
export interface OtelApi {
  readonly context: { active(): unknown };
  readonly trace: {
    // oxlint-disable-next-line typescript/no-explicit-any -- The API's own Context type is nominal; any accepts it.
    getSpanContext(context: any): OtelSpanContext | undefined;
  };
}

export interface OtelSpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  readonly traceState?: { serialize(): string } | undefined;
}

/** The active OpenTelemetry span as a context to continue, or `undefined` when there is none. Never throws. */
export function extractOtel(api: OtelApi): RemoteContext | undefined {
  try {
    const span = api.trace.getSpanContext(api.context.active());
    const traceId = parseTraceId(span?.traceId);
    const spanId = parseSpanId(span?.spanId);
    if (span === undefined || traceId === undefined || spanId === undefined) return undefined;
    // Through the same door as every carrier: a `tl` that OpenTelemetry read for us is ours, not a vendor's member.
    return extract({
      traceparent: formatTraceparent({ traceId, spanId, flags: span.traceFlags }),
      tracestate: span.traceState?.serialize(),
    });
  } catch {
    return undefined;
  }
}
