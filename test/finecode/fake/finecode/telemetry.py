import contextlib

try:
    from opentelemetry import context, propagate, trace
except ImportError:
    context = propagate = trace = None

@contextlib.contextmanager
def action_run_span(action_name):
    if trace is None:
        yield
        return
    with trace.start_as_current_span("action.run/" + action_name):
        yield


def get_current_traceparent():
    if trace is None or not trace.get_current_span().get_span_context().is_valid:
        return None
    carrier = {}
    propagate.inject(carrier)
    return carrier.get("traceparent")


@contextlib.contextmanager
def attach_incoming_traceparent(params):
    incoming = params.pop("_traceparent", None)
    if not incoming:
        yield
        return
    token = context.attach(propagate.extract({"traceparent": incoming}))
    try:
        yield
    finally:
        context.detach(token)


class JsonRpcTracingHooks:
    def get_traceparent(self):
        return get_current_traceparent()

    @contextlib.contextmanager
    def client_span(self, method):
        with action_run_span("jsonrpc.client/" + method):
            yield
