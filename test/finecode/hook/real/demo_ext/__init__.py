"""Actions for a real FineCode: the same as those of the fake in demo_handlers.py."""

import asyncio
import dataclasses
import json
import subprocess
import sys
import typing

from finecode_extension_api import code_action
from finecode_extension_api.interfaces import iprojectactionrunner, iworkspaceactionrunner

_LOOK = (
    "import json, os, sys; print(json.dumps({'hook': hasattr(sys, '_throughline_finecode'),"
    " 'env': {k: v for k, v in os.environ.items() if k.startswith('THROUGHLINE') or k in"
    " ('PYTHONPATH', 'TRACEPARENT', 'TRACESTATE', 'BAGGAGE')}}))"
)


@dataclasses.dataclass
class Payload(code_action.RunActionPayload):
    name: str = ""


@dataclasses.dataclass
class Result(code_action.RunActionResult):
    text: list[str] = dataclasses.field(default_factory=list)

    def update(self, other):
        self.text += other.text

    def to_text(self):
        return "\n".join(self.text)

    @property
    def return_code(self):
        return code_action.RunReturnCode.SUCCESS


class Context(code_action.RunActionContext[Payload]):
    pass


class GreetAction(code_action.Action[Payload, Context, Result]):
    DESCRIPTION = "Greet"
    PAYLOAD_TYPE = Payload
    RUN_CONTEXT_TYPE = Context
    RESULT_TYPE = Result


class NestAction(code_action.Action[Payload, Context, Result]):
    DESCRIPTION = "Nest"
    PAYLOAD_TYPE = Payload
    RUN_CONTEXT_TYPE = Context
    RESULT_TYPE = Result


class SlowAction(code_action.Action[Payload, Context, Result]):
    DESCRIPTION = "Slow"
    PAYLOAD_TYPE = Payload
    RUN_CONTEXT_TYPE = Context
    RESULT_TYPE = Result


class BoomAction(code_action.Action[Payload, Context, Result]):
    DESCRIPTION = "Boom"
    PAYLOAD_TYPE = Payload
    RUN_CONTEXT_TYPE = Context
    RESULT_TYPE = Result


class ToolAction(code_action.Action[Payload, Context, Result]):
    DESCRIPTION = "Tool"
    PAYLOAD_TYPE = Payload
    RUN_CONTEXT_TYPE = Context
    RESULT_TYPE = Result


class GreetHandler(code_action.ActionHandler[GreetAction, code_action.ActionHandlerConfig]):
    async def run(self, payload: Payload, run_context: Context) -> typing.AsyncIterator[Result]:
        yield Result(["hello " + payload.name])


class NestHandler(code_action.ActionHandler[NestAction, code_action.ActionHandlerConfig]):
    """Two nested runs at once, in another environment, and one streamed."""

    def __init__(
        self,
        project_action_runner: iprojectactionrunner.IProjectActionRunner,
        workspace_action_runner: iworkspaceactionrunner.IWorkspaceActionRunner,
    ) -> None:
        self._project = project_action_runner
        self._workspace = workspace_action_runner

    async def run(self, payload: Payload, run_context: Context) -> Result:
        action, meta = iprojectactionrunner.ActionRef.from_type(GreetAction), run_context.meta

        async def streamed():
            async for _part in self._project.run_action_iter(action, Payload(payload.name + "-1"), meta):
                pass

        await asyncio.gather(
            self._project.run_action(action, Payload(payload.name + "-0"), meta),
            streamed(),
            self._workspace.run_action_in_projects(GreetAction, Payload(payload.name + "-2"), meta),
        )
        return Result(["nested " + payload.name])


class SlowHandler(code_action.ActionHandler[SlowAction, code_action.ActionHandlerConfig]):
    async def run(self, payload: Payload, run_context: Context) -> Result:
        await asyncio.sleep(float(payload.name))
        return Result(["slept"])


class BoomHandler(code_action.ActionHandler[BoomAction, code_action.ActionHandlerConfig]):
    async def run(self, payload: Payload, run_context: Context) -> Result:
        raise ValueError("boom: password=hunter2")


class ToolHandler(code_action.ActionHandler[ToolAction, code_action.ActionHandlerConfig]):
    async def run(self, payload: Payload, run_context: Context) -> Result:
        done = subprocess.run([sys.executable, "-c", _LOOK], capture_output=True, text=True, check=True)
        return Result([json.dumps(json.loads(done.stdout))])
