"""The workspace manager's part of the hook: its requests, its runs, streamed or not, and its messages to runners.
FineCode's WM records no streamed run, no end after a disconnect, and no cause of a nested run.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import inspect
import itertools
import os
import sys
import uuid

from throughline_finecode_patch import InScope, Part, around, each, member, quiet, quietly
from throughline_finecode_runs import Attempt, Run, be_server, cut, root
from throughline_finecode_scope import NESTED, Request, current_run, enter, remote_of

_minted: contextvars.ContextVar = contextvars.ContextVar("throughline_minted", default=None)
_connections = itertools.count(1)
_FRONTS = {"ide": "lsp", "ai": "mcp", "cli": "cli", "ci": "cli", "git_hook": "cli"}


# --- requests ----------------------------------------------------------------------------------------------------


def patch_server(module) -> None:
    """Every request begins in a scope of its own, also those that FineCode reads no carrier from (prepareEnvs, addDir)."""
    params = ("params", "writer", "req_id")
    methods = {
        "_handle_run_action_with_partial_results_task": "actions/run",
        "_handle_run_action_with_progress_task": "actions/run",
        "_handle_run_batch_with_partial_results_task": "actions/runBatch",
        "_handle_run_batch_with_progress_task": "actions/runBatch",
    }
    each(
        lambda: around(module, "start", lambda _arguments: _Serving()),
        lambda: around(module, "_handle_request_task", functools.partial(_inbound, module), (*params, "method")),
        *(
            functools.partial(around, module, name, functools.partial(_inbound, module, method=method), params)
            for name, method in methods.items()
        ),
    )


class _Serving(Part):
    def __init__(self):
        be_server(os.getcwd())
        # Runners serve other projects of the same workspace: what they record belongs beside ours.
        os.environ["THROUGHLINE_ROOT"] = root()


def _inbound(module, named, method=None):
    params = named.get("params")
    writer = named.get("writer")
    remote = remote_of(params.get("_traceparent")) if isinstance(params, dict) else None
    connected = getattr(module, "_connected_clients", None)
    client = getattr(module, "_client_labels", {}).get(writer)
    # Until a client says who it is, FineCode's label is its address.
    client = cut(client, 64) if isinstance(client, str) and not client.startswith("(") else None
    request = Request(
        connection=_connection_of(writer),
        rpc_id=named.get("req_id"),
        method=named.get("method") or method,
        is_gone=lambda: connected is not None and writer not in connected,
        client=client,
        peer={"transport": "tcp", **({"client_id": client} if client else {})},
    )
    return InScope(enter(remote, request))


def _connection_of(writer) -> str:
    name = getattr(writer, "_throughline_connection", None)
    if name is None:
        name = "tcp-%d" % next(_connections)
        writer._throughline_connection = name
    return name


# --- runs --------------------------------------------------------------------------------------------------------


class _WmRun(Run):
    def __init__(self, named, project, **more):
        payload = {"params_hash": _params_hash(named.get("params"))}
        payload.update({name: value for name, value in more.items() if isinstance(value, (str, int))})
        payload = {name: value for name, value in payload.items() if value is not None}
        trigger, dev_env = _text(named.get("run_trigger")), _text(named.get("dev_env"))
        # The first dispatch follows, and records of one stream become durable in order: one flush for both.
        super().__init__(
            "wm", str(uuid.uuid4()), named.get("action_name"), project, trigger, dev_env, payload, first_waits=False
        )
        self._minted = _minted.set(self.id)

    def origin(self):
        request = self._request
        if request is None or request.method is None or request.method in NESTED:
            return None
        said = {"front": _FRONTS.get(self.fields.get("dev_env")), "method": request.method}
        said.update({"name": self.fields["action_name"], "client": request.client})
        return {name: value for name, value in said.items() if value}

    def outcome(self, result):
        return {name: value for name, value in _results_of(result) if isinstance(value, (int, str))}

    def streams(self, results):
        """Says when the first partial result came."""
        partials = getattr(results, "partials", None)
        if partials is None:
            return
        append = partials.append

        def first(element):
            partials.append = append
            append(element)
            quiet("the hook at a partial result", self.record, "partial_result.first_sent", {})

        if partials.data:
            self.record("partial_result.first_sent", {})
        else:
            partials.append = first

    async def returned(self, result):
        data = getattr(getattr(result, "partials", None), "data", None)
        if data:
            self.record("partial_result.final_sent", {"count": len(data)})
        await super().returned(result)

    def leave(self):
        # FineCode may have taken it in this context, or never.
        with contextlib.suppress(ValueError):
            _minted.reset(self._minted)
        super().leave()


def patch_runs(module) -> None:
    """`run_action` and `run_with_partial_results`: the two ways all runs go."""
    named = ("action_name", "params", "run_trigger", "dev_env")

    def begin(given):
        return _WmRun(given, given["project_def"].dir_path)

    each(
        lambda: around(module, "run_action", begin, (*named, "project_def")),
        lambda: _around_streamed(module, named),
    )


def _around_streamed(module, named) -> None:
    function = member(module, "run_with_partial_results", (*named, "project_dir_path"))
    signature = inspect.signature(function)
    what = "the hook around run_with_partial_results"

    def begin(args, kwargs):
        given = signature.bind(*args, **kwargs).arguments
        tokens = {"partial_result_token": given.get("partial_result_token"), "progress_token": given.get("progress_token")}
        return _WmRun(given, given["project_dir_path"], **tokens)

    @functools.wraps(function)
    @contextlib.asynccontextmanager
    async def wrapped(*args, **kwargs):
        run = quiet(what, begin, args, kwargs)
        if run is None:
            async with function(*args, **kwargs) as results:
                yield results
            return
        try:
            try:
                await quietly(what, run.opened)
                async with function(*args, **kwargs) as results:
                    quiet(what, run.streams, results)
                    yield results
            except BaseException as error:
                quiet(what, run.raised, error)
                if isinstance(error, Exception):
                    await quietly(what, run.settled)
                raise
            await quietly(what, run.returned, results)
        finally:
            quiet(what, run.leave)

    module.run_with_partial_results = wrapped


def patch_ids(module) -> None:
    """The run's id is made before FineCode asks for it, so that both records bear the same."""
    function = member(module, "new_wal_run_id")

    @functools.wraps(function)
    def new_wal_run_id():
        minted = _minted.get()
        if minted is None:
            return function()
        _minted.set(None)
        return minted

    module.new_wal_run_id = new_wal_run_id


def _params_hash(params):
    function = getattr(sys.modules.get("finecode.wm_server.wal"), "params_hash", None)
    return function(params) if function is not None and isinstance(params, dict) else None


def _results_of(result):
    responses = getattr(result, "responses", None)
    if responses is None:
        return [("return_code", getattr(result, "return_code", None)), ("status", getattr(result, "status", None))]
    code = 0
    for response in responses:
        code |= response.return_code
    return [("return_code", code), ("status", responses[0].status if len(responses) == 1 else None)]


def _text(value):
    """The value of an enum, or the text."""
    value = getattr(value, "value", value)
    return value if isinstance(value, str) else None


# --- messages to runners -----------------------------------------------------------------------------------------


def patch_dispatch(module) -> None:
    def begin(named):
        run = current_run()
        if run is None:
            return None
        runner = named["runner"]
        key = (runner.readable_id, named["action_name"], tuple(named.get("handler_names") or ()))
        return Attempt(run, runner.readable_id, key, getattr(runner, "env_name", None))

    each(
        lambda: around(module, "run_action", begin, ("runner", "action_name")),
        lambda: around(module, "run_handlers", begin, ("runner", "action_name", "handler_names")),
    )
