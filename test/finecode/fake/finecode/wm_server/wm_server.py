import asyncio
import contextlib
import os
import pathlib
import types

from finecode import telemetry
from finecode.wm_server import wal
from finecode.wm_server.runner import runner_client
from finecode.wm_server.services import run_service
from finecode.wm_server.services.run_service import proxy_utils
from finecode_jsonrpc import read_message, write_message

_connected_clients = set()
_client_labels = {}


async def _handle_add_dir(params, ws_context):
    """Runs actions by itself, one after the other, as FineCode prepares environments."""
    path = params["dirPath"]
    ws_context.ws_projects[path] = types.SimpleNamespace(dir_path=path)
    for _env in ("dev_workspace", "dev_no_runtime") if params.get("prepare") else ():
        await run_service.run_action(
            action_name="greet",
            params={"name": "prepared"},
            project_def=ws_context.ws_projects[path],
            ws_context=ws_context,
            run_trigger=runner_client.RunActionTrigger.USER,
            dev_env=runner_client.DevEnv.CLI,
        )
    return {}


def _options(params, ws_context):
    options = params.get("options") or {}
    return {
        "run_trigger": runner_client.RunActionTrigger(options.get("trigger", "user")),
        "dev_env": runner_client.DevEnv(options.get("devEnv", "cli")),
        "ws_context": ws_context,
    }


async def _handle_run_action(params, ws_context):
    with telemetry.attach_incoming_traceparent(params):
        answer = await run_service.run_action(
            action_name=proxy_utils.name_of(params["actionSource"]),
            params=params["params"],
            project_def=ws_context.ws_projects[params["project"]],
            **_options(params, ws_context),
        )
        return {"resultByFormat": answer.result_by_format, "returnCode": answer.return_code}


async def _handle_run_batch(params, ws_context):
    with telemetry.attach_incoming_traceparent(params):
        runs = [
            run_service.run_action(
                action_name=proxy_utils.name_of(source),
                params=params["params"],
                project_def=definition,
                **_options(params, ws_context),
            )
            for source in params["actionSources"]
            for definition in ws_context.ws_projects.values()
        ]
        answers = await asyncio.gather(*runs)
        return {"results": [one.result_by_format for one in answers], "returnCode": 0}


async def _stream(params, ws_context, writer, source, project, token):
    values = []
    async with proxy_utils.run_with_partial_results(
        action_name=proxy_utils.name_of(source),
        params=params["params"],
        partial_result_token=token,
        project_dir_path=project,
        **_options(params, ws_context),
    ) as results:
        async for value in results:
            values.append(value)
            message = {"token": params["partialResultToken"], "value": value}
            write_message(writer, {"jsonrpc": "2.0", "method": "actions/partialResult", "params": message})
    return {"returnCode": results.responses[0].return_code}


async def _answer(writer, req_id, work):
    try:
        answer = {"result": await work}
    except Exception as error:
        answer = {"error": {"code": -32603, "message": str(error)}}
    write_message(writer, {"jsonrpc": "2.0", "id": req_id, **answer})


async def _handle_run_action_with_partial_results_task(params, ws_context, writer, req_id):
    async def work():
        with telemetry.attach_incoming_traceparent(params):
            token = params["partialResultToken"]
            return await _stream(params, ws_context, writer, params["actionSource"], params["project"], token)

    await _answer(writer, req_id, work())


async def _handle_run_action_with_progress_task(params, ws_context, writer, req_id):
    await _answer(writer, req_id, _handle_run_action(params, ws_context))


async def _handle_run_batch_with_partial_results_task(params, ws_context, writer, req_id):
    async def work():
        with telemetry.attach_incoming_traceparent(params):
            for index, source in enumerate(params["actionSources"]):
                for project in ws_context.ws_projects:
                    token = "%s/%d" % (params["partialResultToken"], index)
                    answer = await _stream(params, ws_context, writer, source, project, token)
            return answer

    await _answer(writer, req_id, work())


async def _handle_run_batch_with_progress_task(params, ws_context, writer, req_id):
    await _answer(writer, req_id, _handle_run_batch(params, ws_context))


_METHODS = {
    "workspace/addDir": _handle_add_dir,
    "actions/run": _handle_run_action,
    "actions/runBatch": _handle_run_batch,
}


async def _handle_request_task(handler, params, ws_context, writer, req_id, label, method):
    await _answer(writer, req_id, handler(params, ws_context))


def _task_of(method, params, ws_context, writer, req_id, label):
    streamed = (params or {}).get("partialResultToken") is not None
    if method == "actions/run" and streamed:
        return _handle_run_action_with_partial_results_task(params, ws_context, writer, req_id)
    if method == "actions/runBatch" and streamed:
        return _handle_run_batch_with_partial_results_task(params, ws_context, writer, req_id)
    if method == "actions/run" and params.get("progressToken") is not None:
        return _handle_run_action_with_progress_task(params, ws_context, writer, req_id)
    return _handle_request_task(_METHODS[method], params, ws_context, writer, req_id, label, method)


async def _handle_client(reader, writer, ws_context):
    label = str(writer.get_extra_info("peername"))
    _client_labels[writer] = label
    _connected_clients.add(writer)
    tasks = set()
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        while (message := await read_message(reader)) is not None:
            method, params, req_id = message["method"], message.get("params"), message.get("id")
            if method == "client/initialize":
                label = _client_labels[writer] = params["clientId"]
                write_message(writer, {"jsonrpc": "2.0", "id": req_id, "result": {}})
            elif method == "server/shutdown":
                ws_context.stopped.set()
            elif req_id is not None:
                tasks.add(asyncio.create_task(_task_of(method, params, ws_context, writer, req_id, label)))
    _connected_clients.discard(writer)
    _client_labels.pop(writer, None)
    for task in tasks:
        task.cancel()
    writer.close()


async def start(ws_context, port_file=None, disconnect_timeout=30):
    server = await asyncio.start_server(lambda r, w: _handle_client(r, w, ws_context), "127.0.0.1", 0)
    partial = pathlib.Path(str(port_file) + ".part")
    partial.write_text(str(server.sockets[0].getsockname()[1]))
    partial.rename(port_file)
    await ws_context.stopped.wait()


async def start_standalone(port_file, with_wal):
    folder = os.path.join(os.getcwd(), ".venvs", "dev_workspace", "state", "finecode", "wal", "wm")
    ws_context = types.SimpleNamespace(
        ws_projects={},
        runners={},
        locks={},
        stopped=asyncio.Event(),
        wal_writer=wal.WalWriter(folder) if with_wal else None,
    )
    await start(ws_context, port_file=port_file)
