"""Which span the code that runs now belongs to: a context variable, mirrored into OpenTelemetry's own.

FineCode sends what OpenTelemetry's API says is the current span, with or without an SDK behind it. So whatever the hook
opens is put there as well, and FineCode carries it on by itself. Without that API the variable is all there is. Nothing
here records anything.
"""

from __future__ import annotations

import contextvars
import os
import sys

from throughline_context import (
    Context,
    Remote,
    begin,
    format_traceparent,
    mint_span_id,
    mint_trace_id,
    parse_traceparent,
)

NESTED = ("finecode/runActionInProject", "finecode/runActionInWorkspace")
"""What an ER asks of the WM to have an action run."""

_NOBODY = Remote(None, None, 3, [], [], None, None, None)
_held: contextvars.ContextVar = contextvars.ContextVar("throughline_held", default=None)
run_held: contextvars.ContextVar = contextvars.ContextVar("throughline_run", default=None)
_request: contextvars.ContextVar = contextvars.ContextVar("throughline_request", default=None)
_ambient = None
_api = None


class Request:
    """One inbound message: what its runs have in common, and what told them apart."""

    def __init__(self, connection=None, rpc_id=None, method=None, is_gone=None, client=None, peer=None):
        self.connection = connection
        self.rpc_id = rpc_id
        self.method = method
        self.is_gone = is_gone or (lambda: False)
        self.client = client
        self.peer = peer
        self._trace_id = None
        self._parts = 0

    def root(self) -> Context:
        """Runs of a message without a carrier are roots that share one correlation id."""
        if self._trace_id is None:
            self._trace_id = mint_trace_id()
        return Context(self._trace_id, mint_span_id(), None, 3)

    def rpc(self):
        """Several runs of one message are told apart from a message that was delivered twice."""
        self._parts += 1
        if self.connection is None:
            return None
        rpc = {"connection": str(self.connection)[:128]}
        if isinstance(self.rpc_id, (str, int)) and not isinstance(self.rpc_id, bool):
            rpc["id"] = self.rpc_id[:128] if isinstance(self.rpc_id, str) else self.rpc_id
        if self._parts > 1:
            rpc["part"] = self._parts
        return rpc


class Scope:
    """What `enter` changed, to be taken back by `leave`, which may be called twice."""

    def __init__(self, held, request):
        self._undo = []
        self._set(_held, held)
        if request is not None:
            self._set(_request, request)
        api = otel()
        if api is not None:
            token = api[1].attach(_mirrored(api, held))
            self._undo.append(lambda: api[1].detach(token))

    def _set(self, variable, value):
        token = variable.set(value)
        self._undo.append(lambda: variable.reset(token))

    def leave(self):
        while self._undo:
            try:
                self._undo.pop()()
            except ValueError:
                # Left in another task than it was entered in: that one's context is gone, and with it what was set.
                pass


def enter(held, request=None) -> Scope:
    """From here on the code is caused by `held`, a Context or what a carrier held; by nobody if it is None."""
    return Scope(_NOBODY if held is None else held, request)


def current():
    """The span that caused what happens now: a Context, a Remote or None."""
    held = _held.get()
    seen = _seen()
    if seen is not None and (held is None or held.trace_id != seen.trace_id):
        return seen
    if held is not None:
        return None if held.trace_id is None else held
    return _ambient


def current_request():
    return _request.get()


def current_run():
    """The run that the code belongs to. One that was open when this process was forked is its parent's."""
    run = run_held.get()
    return run if run is not None and run.pid == os.getpid() else None


def new_span():
    """The context of a span that is caused by the current one, or is a root."""
    parent = current()
    if isinstance(parent, Context):
        return parent.child()
    if parent is not None:
        return begin(parent)
    request = _request.get()
    return begin() if request is None else request.root()


def traceparent_of(held) -> str:
    return format_traceparent(held.trace_id, held.span_id, held.flags)


def remote_of(traceparent):
    """The sender's span, of a carrier that is nothing but a traceparent."""
    found = parse_traceparent(traceparent)
    return None if found is None else Remote(*found, [], [], None, None, None)


def set_ambient(remote) -> None:
    """In a one-shot process: what its environment held is the cause of everything it does."""
    global _ambient
    _ambient = remote


def otel():
    """(trace, context) of OpenTelemetry's API, or None where it is not installed."""
    global _api
    if _api is None:
        try:
            from opentelemetry import context, trace

            _api = (trace, context)
        except Exception:
            _api = False
    return _api or None


def _mirrored(api, held):
    trace, context = api
    if held.trace_id is None:
        return context.Context()
    span = trace.SpanContext(
        trace_id=int(held.trace_id, 16),
        span_id=int(held.span_id, 16),
        is_remote=True,
        trace_flags=trace.TraceFlags(held.flags & 1),
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(span))


def _seen():
    # Only where somebody has loaded it: looking must not.
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None:
        return None
    span = trace.get_current_span().get_span_context()
    if not span.is_valid:
        return None
    return Remote("%032x" % span.trace_id, "%016x" % span.span_id, int(span.trace_flags) & 3, [], [], None, None, None)
