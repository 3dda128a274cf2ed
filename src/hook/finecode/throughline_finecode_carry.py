"""The part of the hook that hands ids on, in every process of FineCode. It records nothing, and a frontend loads no more.

Frontends: the CLI, the LSP server, the MCP server. They continue what they were asked with and have no span of their own.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import sys

from throughline_context import Context, extract_env, extract_message
from throughline_finecode_patch import InScope, around, member, owner_of, quiet
from throughline_finecode_scope import (
    NESTED,
    Request,
    current,
    enter,
    otel,
    remote_of,
    set_ambient,
    traceparent_of,
)

ONE_SHOT = frozenset(("run", "prepare-envs", "bootstrap", "dump-config"))
_asked = itertools.count(1)

# --- what is sent ------------------------------------------------------------------------------------------------


def patch_client(module) -> None:
    """What a one-shot command asks of the WM is caused by whoever started it. What a server asks never is."""
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    if words and words[0] in ONE_SHOT:
        set_ambient(extract_env(os.environ))


def patch_telemetry(module) -> None:
    _around_traceparent(module)
    if otel() is None:
        _carry_without_otel(module)


def patch_er_telemetry(module) -> None:
    """An ER sends no id when OpenTelemetry is not configured. There is one all the same."""
    _around_traceparent(module)


def _around_traceparent(module) -> None:
    function = member(module, "get_current_traceparent")

    @functools.wraps(function)
    def get_current_traceparent():
        held = quiet("the hook at get_current_traceparent", current)
        if held is None:
            return function()
        if isinstance(held, Context):
            return traceparent_of(held)
        # Not a span of ours: one that OpenTelemetry records is nearer to the work. Without it this is the same.
        return (function() if otel() else None) or traceparent_of(held)

    module.get_current_traceparent = get_current_traceparent


def _carry_without_otel(module) -> None:
    """FineCode takes the key out of the params by means of OpenTelemetry, which is not installed here."""
    member(module, "attach_incoming_traceparent", ("params",))

    @contextlib.contextmanager
    def attach_incoming_traceparent(params):
        params.pop("_traceparent", None)
        yield

    module.attach_incoming_traceparent = attach_incoming_traceparent


# --- what is received --------------------------------------------------------------------------------------------


def patch_sessions(module) -> None:
    """An inbound request runs in a scope of its own: under the carrier it brings, or under nobody."""

    def begin(named):
        message = named["message"]
        if not isinstance(message, dict):
            return None
        # Frontends have sessions, too, but only an ER has runs to tell it of.
        request = Request(connection="wm", rpc_id=message.get("id"), method=message.get("method"))
        return InScope(enter(extract_message(message), request))

    around(owner_of(module, "JsonRpcServerSession"), "_execute_request", begin, ("message",))


def patch_features(module) -> None:
    """What a runner asks of the WM is caused by the runner, and not by whoever opened the connection to it."""
    client = owner_of(module, "JsonRpcClient")
    function = member(client, "feature", ("name", "impl"))

    @functools.wraps(function)
    def feature(self, name, impl):
        if name in NESTED:
            impl = quiet("the hook around %s" % name, _nested, self, name, impl) or impl
        return function(self, name, impl)

    client.feature = feature


class _Holder:
    """What `around` patches: one function that is nobody's member."""

    call = None


def _nested(client, name, impl):
    holder = _Holder()
    connection = "er %s" % str(getattr(client, "readable_id", ""))[:120]

    async def call(params):
        return await impl(params)

    def begin(named):
        # The message's own id stays in FineCode: a count of ours tells one call from the next.
        request = Request(connection=connection, rpc_id=next(_asked), method=name)
        return InScope(enter(remote_of(getattr(named["params"], "traceparent", None)), request))

    holder.call = call
    around(holder, "call", begin, ("params",))
    return holder.call
