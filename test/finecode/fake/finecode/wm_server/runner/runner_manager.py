"""Starts runners, and serves what they ask for."""

import asyncio
import re
import sys

from finecode import telemetry
from finecode.wm_server.runner import runner_client
from finecode_jsonrpc import JsonRpcClient


async def runner_of(ws_context, project, env_name):
    key = (str(project), env_name)
    lock = ws_context.locks.setdefault(key, asyncio.Lock())
    async with lock:
        if key not in ws_context.runners:
            ws_context.runners[key] = await _start(ws_context, *key)
        return ws_context.runners[key]


async def _start(ws_context, project, env_name):
    command = [sys.executable, "-m", "finecode_extension_runner.cli", "start", "--project-path=" + project]
    command += ["--env-name=" + env_name] + (["--wal"] if ws_context.wal_writer else [])
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    found = None
    while found is None:
        line = (await process.stdout.readline()).decode()
        if not line:
            raise runner_client.ActionRunFailed("Runner %s failed to start" % env_name)
        found = re.search(r"Serving on \('127.0.0.1', (\d+)\)", line)
    client = JsonRpcClient("%s (%s)" % (project, env_name), tracing=telemetry.JsonRpcTracingHooks())
    runner = runner_client.RunnerInfo(project, env_name, client)
    runner.pid = process.pid
    _register(client, runner, ws_context, project)
    await client.connect(int(found[1]))
    client.on_exit = lambda: ws_context.runners.pop((project, env_name), None)
    return runner


def _register(client, runner, ws_context, project):
    from finecode.wm_server.services.run_service import proxy_utils

    async def progress(params):
        listener = runner.listeners.get(params.token)
        if listener is not None:
            listener.append(params.value)

    def options_of(params):
        meta = params.meta
        return {
            "params": params.payload,
            "run_trigger": runner_client.RunActionTrigger(meta["trigger"]),
            "dev_env": runner_client.DevEnv(meta["devEnv"]),
            "ws_context": ws_context,
        }

    async def in_project(params):
        name = proxy_utils.name_of(params.actionSource)
        if params.partialResultToken is None:
            definition = ws_context.ws_projects[project]
            answer = await proxy_utils.run_action(action_name=name, project_def=definition, **options_of(params))
            return {"result": answer.result_by_format["json"], "returnCode": answer.return_code}
        async with proxy_utils.run_with_partial_results(
            action_name=name,
            partial_result_token=params.partialResultToken,
            project_dir_path=project,
            **options_of(params),
        ) as results:
            async for _value in results:
                pass
        return {"returnCode": results.responses[0].return_code}

    async def in_workspace(params):
        name = proxy_utils.name_of(params.actionSource)
        runs = [
            proxy_utils.run_action(action_name=name, project_def=definition, **options_of(params))
            for definition in ws_context.ws_projects.values()
        ]
        answers = await asyncio.gather(*runs)
        return {"resultsByProject": {str(index): one.result_by_format for index, one in enumerate(answers)}}

    client.feature("$/progress", progress)
    client.feature("finecode/runActionInProject", in_project)
    client.feature("finecode/runActionInWorkspace", in_workspace)
