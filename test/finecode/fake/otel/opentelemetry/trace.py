import contextlib
import os
import random

from opentelemetry import context as context_api


class TraceFlags(int):
    pass


class SpanContext:
    def __init__(self, trace_id, span_id, is_remote, trace_flags=TraceFlags(0), trace_state=None):
        self.trace_id, self.span_id, self.is_remote = trace_id, span_id, is_remote
        self.trace_flags, self.trace_state = trace_flags, trace_state

    @property
    def is_valid(self):
        return self.trace_id != 0 and self.span_id != 0


class NonRecordingSpan:
    def __init__(self, context):
        self._context = context

    def get_span_context(self):
        return self._context

    def is_recording(self):
        return False


INVALID_SPAN = NonRecordingSpan(SpanContext(0, 0, False))


def get_current_span(context=None):
    return (context_api.get_current() if context is None else context).get("span", INVALID_SPAN)


def set_span_in_context(span, context=None):
    return context_api.Context(context_api.get_current() if context is None else context, span=span)


@contextlib.contextmanager
def start_as_current_span(_name, context=None):
    span = get_current_span(context)
    if "FAKE_OTEL_SDK" in os.environ:
        # With an SDK each span is one of its own.
        parent = span.get_span_context()
        span = NonRecordingSpan(SpanContext(parent.trace_id or random.getrandbits(127) + 1, random.getrandbits(63) + 1, False))
    token = context_api.attach(set_span_in_context(span))
    try:
        yield span
    finally:
        context_api.detach(token)
