import contextlib

try:
    from opentelemetry import propagate, trace
except ImportError:
    propagate = trace = None

_telemetry_initialized = False


def get_current_traceparent():
    if not _telemetry_initialized:
        return None
    carrier = {}
    propagate.inject(carrier)
    return carrier.get("traceparent")


@contextlib.contextmanager
def handler_span(handler_name, traceparent):
    if traceparent is None or trace is None:
        yield
        return
    with trace.start_as_current_span("handler/" + handler_name, context=propagate.extract({"traceparent": traceparent})):
        yield


class JsonRpcTracingHooks:
    def get_traceparent(self):
        return get_current_traceparent()

    @contextlib.contextmanager
    def server_span(self, method, traceparent):
        if trace is None:
            yield
            return
        parent = propagate.extract({"traceparent": traceparent}) if traceparent else None
        with trace.start_as_current_span("jsonrpc.server/" + method, context=parent):
            yield
