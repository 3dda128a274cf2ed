from opentelemetry import trace


def inject(carrier):
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        carrier["traceparent"] = "00-%032x-%016x-%02x" % (span.trace_id, span.span_id, span.trace_flags)


def extract(carrier):
    parts = str(carrier.get("traceparent", "")).split("-")
    if len(parts) != 4:
        return trace.set_span_in_context(trace.INVALID_SPAN)
    span = trace.SpanContext(int(parts[1], 16), int(parts[2], 16), True, trace.TraceFlags(int(parts[3], 16)))
    return trace.set_span_in_context(trace.NonRecordingSpan(span))
