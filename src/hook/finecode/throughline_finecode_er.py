"""The extension runner's part of the hook: its runs, their handlers, and what they ask of the workspace manager."""

from __future__ import annotations

import functools
import os
import sys

from throughline_finecode_patch import around, each, member, owner_of, quiet
from throughline_finecode_runs import Attempt, Handler, Run, be_server, redact
from throughline_finecode_scope import NESTED, current_run

_CARRIED = ("THROUGHLINE_", "TRACEPARENT", "TRACESTATE", "BAGGAGE")


def patch_server(module) -> None:
    each(
        lambda: around(module, "run_action", _begin, ("server", "params")),
        lambda: around(module, "run_handlers", _begin, ("server", "params")),
        lambda: _around_nested(owner_of(module, "ErServer")),
        lambda: _at_start(module),
    )


def _at_start(module) -> None:
    create = member(module, "create_er_server")

    @functools.wraps(create)
    def create_er_server(*args, **kwargs):
        quiet("the hook at the start of a runner", _be_runner)
        return create(*args, **kwargs)

    module.create_er_server = create_er_server


def _be_runner() -> None:
    state = sys.modules.get("finecode_extension_runner.global_state")
    be_server(str(getattr(state, "project_dir_path", None) or os.getcwd()))
    clean_environment(os.environ, os.path.dirname(os.path.abspath(__file__)))


def clean_environment(env, directory) -> None:
    """What a handler starts is no FineCode: it gets neither the hook nor what the hook was told."""
    for name in [name for name in env if name.startswith(_CARRIED)]:
        del env[name]
    ours = os.path.normcase(os.path.normpath(os.path.join(directory, "site")))
    entries = env.get("PYTHONPATH", "").split(os.pathsep)
    others = [entry for entry in entries if not entry or os.path.normcase(os.path.normpath(entry)) != ours]
    if len(others) == len(entries):
        return
    if any(others):
        env["PYTHONPATH"] = os.pathsep.join(others)
    else:
        del env["PYTHONPATH"]


# --- runs --------------------------------------------------------------------------------------------------------


class _ErRun(Run):
    def __init__(self, params, project):
        options = params.get("options") or {}
        meta = options.get("meta") or {}
        payload = {
            name: value
            for name, value in (
                ("partial_result_token", options.get("partialResultToken")),
                ("progress_token", options.get("progressToken")),
            )
            if isinstance(value, (str, int))
        }
        names = params.get("handlerNames")
        if isinstance(names, list):
            payload["handler_names"] = [str(name)[:256] for name in names[:64]]
        action, run_id = params["actionName"], options.get("walRunId")
        super().__init__("er", run_id, action, project, meta.get("trigger"), meta.get("devEnv"), payload)

    async def returned(self, result):
        # The runner answers a failure with a result.
        error = result.get("error") if isinstance(result, dict) else None
        if error is not None:
            self.end("run.failed", {"error": _described(error)})
        else:
            pairs = (("return_code", result.get("returnCode")), ("status", result.get("status")))
            self.end("run.completed", {name: value for name, value in pairs if isinstance(value, (int, str))})
        await self.settled()


def _described(error):
    return {"class": "ActionFailed", "message": redact(error)}


def _begin(named):
    params = named["params"]
    run_id = (params.get("options") or {}).get("walRunId")
    if not isinstance(run_id, str) or run_id.strip() == "":
        # FineCode refuses it, and nothing runs.
        return None
    context = getattr(named["server"], "_runner_context", None)
    return None if context is None else _ErRun(params, context.project.dir_path)


# --- handlers ----------------------------------------------------------------------------------------------------


def patch_handlers(module) -> None:
    """FineCode gives a handler the WM's span as its parent; it is caused by this process's run."""

    def begin(named):
        run = current_run()
        if run is None:
            return None
        handler = Handler(run, named["handler"].name)
        if named.get("traceparent") is not None:
            named["traceparent"] = handler.context.traceparent
        return handler

    around(module, "execute_action_handler", begin, ("handler", "traceparent"))


# --- messages to the WM ------------------------------------------------------------------------------------------


class _Asked(Attempt):
    """A message to the WM: it names this attempt's span, whatever FineCode would have sent."""

    def __init__(self, run, params):
        # Each is asked once: that a handler asks for one action twice is no second attempt.
        super().__init__(run, "wm", object())
        self.params = {**params, "traceparent": self.context.traceparent}


def _around_nested(server) -> None:
    def begin(named):
        run, params = current_run(), named.get("params")
        if run is None or named.get("method") not in NESTED or not isinstance(params, dict):
            return None
        asked = _Asked(run, params)
        named["params"] = asked.params
        return asked

    around(server, "send_request_to_wm", begin, ("method", "params"))
