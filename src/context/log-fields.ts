/** The ids for a host's own logger. Nothing in this project parses logs. */
import type { Context } from './context.js';
import { currentContext } from './scope.js';

export interface LogFields {
  readonly correlation_id?: string;
  readonly trace_id?: string;
  readonly span_id?: string;
  readonly trace_flags?: string;
}

/**
 * The fields to add to a log line: those of the given or the current context, or none outside of one. The names are
 * the ones OpenTelemetry gives to trace context in log records of other formats.
 */
export function logFields(context: Context | undefined = currentContext()): LogFields {
  if (context === undefined) return {};
  return {
    correlation_id: context.correlationId,
    trace_id: context.traceId,
    span_id: context.spanId,
    trace_flags: `0${context.flags}`,
  };
}
