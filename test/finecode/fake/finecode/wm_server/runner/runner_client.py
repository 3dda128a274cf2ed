import enum
import types

import finecode_jsonrpc


class RunActionTrigger(str, enum.Enum):
    USER = "user"
    SYSTEM = "system"


class DevEnv(str, enum.Enum):
    IDE = "ide"
    CLI = "cli"
    AI = "ai"


class ActionRunFailed(Exception):
    def __init__(self, message):
        super().__init__(message)
        self.message = message


class RunnerInfo:
    def __init__(self, project, env_name, client):
        self.env_name, self.client = env_name, client
        self.readable_id = "%s (%s)" % (project, env_name)
        self.listeners = {}


async def run_action(runner, action_name, params, options=None):
    return await _ask(runner, "actions/run", {"actionName": action_name, "params": params, "options": options})


async def run_handlers(runner, action_name, handler_names, params=None, options=None):
    members = {"actionName": action_name, "handlerNames": handler_names, "params": params, "options": options}
    return await _ask(runner, "actions/runHandlers", members)


async def _ask(runner, method, params):
    try:
        answer = await runner.client.send_request(method, params)
    except finecode_jsonrpc.ServerStoppedError as error:
        raise ActionRunFailed("Runner stopped during execution") from error
    except finecode_jsonrpc.RequestCancelledError as error:
        runner.client.notify("$/cancelRequest", {"id": error.request_id})
        raise
    if answer.get("error") is not None:
        raise ActionRunFailed(answer["error"])
    return types.SimpleNamespace(
        result_by_format=answer["resultByFormat"], return_code=answer["returnCode"], status=answer["status"]
    )


