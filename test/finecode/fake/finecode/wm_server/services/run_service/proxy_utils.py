"""The two ways a run goes: at once, which the WAL hears of, and streamed, which it does not."""

import asyncio
import contextlib

from demo_handlers import ENVS
from finecode import telemetry
from finecode.wm_server import wal
from finecode.wm_server.runner import runner_client, runner_manager


def name_of(source):
    return source.rpartition(".")[2].replace("Action", "").lower()


class AsyncList:
    def __init__(self):
        self.data, self.ended, self._changed = [], False, asyncio.Event()

    def append(self, element):
        self.data.append(element)
        self._changed.set()

    def end(self):
        self.ended = True
        self._changed.set()

    async def __aiter__(self):
        index = 0
        while True:
            while index < len(self.data):
                yield self.data[index]
                index += 1
            if self.ended:
                return
            self._changed.clear()
            await self._changed.wait()


class Results:
    def __init__(self):
        self.partials, self.responses = AsyncList(), []

    def __aiter__(self):
        return self.partials.__aiter__()


@contextlib.asynccontextmanager
async def run_with_partial_results(
    action_name, params, partial_result_token, project_dir_path, run_trigger, dev_env, ws_context, progress_token=None
):
    wal_run_id = wal.new_wal_run_id()
    with telemetry.action_run_span(action_name):
        results = Results()
        runner = await runner_manager.runner_of(ws_context, project_dir_path, ENVS.get(action_name, "dev_no_runtime"))
        runner.listeners[partial_result_token] = results.partials
        meta = {"trigger": run_trigger.value, "devEnv": dev_env.value}
        options = {"partialResultToken": partial_result_token, "walRunId": wal_run_id, "meta": meta}
        task = asyncio.create_task(runner_client.run_action(runner, action_name, params, options))
        task.add_done_callback(lambda _task: results.partials.end())
        try:
            yield results
            results.responses.append(await task)
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            runner.listeners.pop(partial_result_token, None)


async def run_action(action_name, params, project_def, ws_context, run_trigger, dev_env, orchestration_depth=0):
    wal_run_id = wal.new_wal_run_id()
    path = project_def.dir_path

    def emit(event_type, **payload):
        wal.emit_run_event(ws_context.wal_writer, event_type, wal_run_id, action_name, path, run_trigger, dev_env, payload)

    with telemetry.action_run_span(action_name):
        emit("run.accepted", params_hash=wal.params_hash(params))
        env_name = ENVS.get(action_name, "dev_no_runtime")
        emit("runner.selected", env_name=env_name)
        runner = await runner_manager.runner_of(ws_context, path, env_name)
        emit("run.dispatched", runner_id=runner.readable_id, env_name=env_name)
        meta = {"trigger": run_trigger.value, "devEnv": dev_env.value, "orchestrationDepth": orchestration_depth}
        options = {"walRunId": wal_run_id, "traceparent": telemetry.get_current_traceparent(), "meta": meta}
        try:
            response = await runner_client.run_action(runner, action_name, params, options)
        except runner_client.ActionRunFailed as error:
            emit("run.failed", error=error.message, env_name=env_name)
            raise
        emit("run.completed", return_code=response.return_code)
        return response
