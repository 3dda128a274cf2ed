import time

import demo_handlers
from finecode_extension_runner import er_telemetry


class ActionFailedException(Exception):
    pass


async def execute_action_handler(
    action_name, handler, payload, run_id, runner_context, wal_run_id=None, traceparent=None, meta=None
):
    def emit(event_type, **more):
        runner_context.emit(event_type, wal_run_id, action_name, meta, run_id=run_id, handler=handler.name, **more)

    emit("handler.started")
    started = time.monotonic()
    with er_telemetry.handler_span(handler.name, traceparent):
        try:
            result = await demo_handlers.HANDLERS[handler.name](payload, runner_context, meta)
        except Exception as error:
            emit("handler.failed", error=str(error))
            raise ActionFailedException(str(error)) from error
    emit("handler.completed", duration_ms=(time.monotonic() - started) * 1000)
    return result
