import asyncio
import pathlib
import types

import finecode_jsonrpc
from finecode_extension_runner import er_telemetry, global_state
from finecode_extension_runner._services import run_action as services


class RunnerContext:
    """What handlers get: the project, the WAL, and the way back to the WM."""

    def __init__(self, server, wal_writer):
        self.project = types.SimpleNamespace(dir_path=pathlib.Path(global_state.project_dir_path))
        self._server, self._wal = server, wal_writer

    def emit(self, event_type, wal_run_id, action_name, meta, **payload):
        if self._wal is not None:
            self._wal.append(
                event_type=event_type,
                project_path=str(self.project.dir_path),
                wal_run_id=wal_run_id,
                action_name=action_name,
                trigger=meta["trigger"],
                dev_env=meta["devEnv"],
                payload=payload,
            )

    async def run_in_project(self, action_source, payload, meta, token=None):
        params = {"actionSource": action_source, "payload": payload, "meta": meta, "partialResultToken": token}
        params["traceparent"] = er_telemetry.get_current_traceparent()
        return await self._server.send_request_to_wm("finecode/runActionInProject", params)

    async def run_in_workspace(self, action_source, payload, meta):
        params = {"actionSource": action_source, "payload": payload, "meta": meta}
        params["traceparent"] = er_telemetry.get_current_traceparent()
        return await self._server.send_request_to_wm("finecode/runActionInWorkspace", params)


class ErServer:
    def __init__(self):
        self._session = finecode_jsonrpc.JsonRpcServerSession(tracing=er_telemetry.JsonRpcTracingHooks())
        self._runner_context = None

    async def send_request_to_wm(self, method, params):
        return await self._session.send_request(method, params)

    def progress(self, token, value):
        self._session.send({"jsonrpc": "2.0", "method": "$/progress", "params": {"token": token, "value": value}})


async def run_action(server, params):
    options = params["options"]
    run_id, meta, action = options["walRunId"], options["meta"], params["actionName"]
    context = server._runner_context
    token = options.get("partialResultToken")
    context.emit("run.accepted", run_id, action, meta, partial_result_token=token, progress_token=None)
    context.emit("run.dispatched", run_id, action, meta, run_id=0)
    try:
        handler = types.SimpleNamespace(name=action)
        result = await services.execute_action_handler(
            action_name=action,
            handler=handler,
            payload=params["params"],
            run_id=0,
            runner_context=context,
            wal_run_id=run_id,
            traceparent=options.get("traceparent"),
            meta=meta,
        )
    except services.ActionFailedException as error:
        context.emit("run.failed", run_id, action, meta, error=str(error))
        return {"error": str(error)}
    if token is not None:
        server.progress(token, {"json": result})
    context.emit("run.completed", run_id, action, meta, status="streamed" if token else "success", return_code=0)
    return {"status": "streamed" if token else "success", "resultByFormat": {} if token else {"json": result}, "returnCode": 0}


async def run_handlers(server, params):
    return await run_action(server, params)


def create_er_server(wal_writer=None):
    server = ErServer()
    server._runner_context = RunnerContext(server, wal_writer)
    server._session.on_request("actions/run", lambda params: run_action(server, params))
    server._session.on_request("actions/runHandlers", lambda params: run_handlers(server, params))
    return server


async def serve(server):
    async def connected(reader, writer):
        await server._session.serve(reader, writer)
        # From Python 3.12 on a server waits for its connections.
        writer.close()
        tcp.close()

    tcp = await asyncio.start_server(connected, "127.0.0.1", 0)
    print("Serving on %s" % (tcp.sockets[0].getsockname(),), flush=True)
    try:
        await tcp.serve_forever()
    except asyncio.CancelledError:
        pass
