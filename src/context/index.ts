/** Correlation: ids, contexts, carriers, the clock and the ambient scope. Reads no file and opens no connection. */
export {
  correlationIdOf,
  correlationIdTimeMs,
  mintCorrelationId,
  mintSpanId,
  parseCorrelationId,
  parseSpanId,
  parseTraceId,
  traceIdOf,
} from './ids.js';
export type { CorrelationId, IdSource, SpanId, TraceId } from './ids.js';
export type { RandomBytes } from './random.js';
export { formatTraceparent, parseTraceparent } from './traceparent.js';
export type { Traceparent } from './traceparent.js';
export { formatTracestate, parseTracestate } from './tracestate.js';
export type { TracestateMember } from './tracestate.js';
export type { Link, Origin } from './member.js';
export { HybridClock, hlcAt, hlcMicroseconds, parseHlc } from './hlc.js';
export type { Hlc, HybridClockOptions, Merge, TimeSource } from './hlc.js';
export { processClock } from './clock.js';
export { Context } from './context.js';
export type { BeginOptions, RemoteContext, Trust } from './context.js';
export { extract, extractEnv, extractHeaders, inject, injectEnv } from './carriers.js';
export type { Carrier, InjectOptions } from './carriers.js';
export { extractMessage, stampMessage } from './json-rpc.js';
export type { CarrierForm } from './json-rpc.js';
export { bind, currentContext, links, runInContext } from './scope.js';
export type { LinkCollector } from './scope.js';
export { logFields } from './log-fields.js';
export type { LogFields } from './log-fields.js';
export { extractOtel } from './otel.js';
export type { OtelApi, OtelSpanContext } from './otel.js';
export { ThroughlineError } from './errors.js';
export type { ErrorCode } from './errors.js';
