"""The hook inside FineCode: which of its modules are patched, and by what.

It gives every WAL record of FineCode the correlation, carries it from process to process, and records what FineCode's
own WAL forgets (docs/finecode.md). It changes no result, no error and no message but for the carriers in them. A part of
FineCode that is not what this was written for is left alone, and one line on stderr says so.
"""

from __future__ import annotations

import functools

from throughline_context import correlation_id_of
from throughline_finecode_patch import Missing, member, owner_of, quiet
from throughline_finecode_scope import current, current_run


def _stamp(module) -> None:
    """`WalWriter.append` is the one way into FineCode's WAL, for the WM and the ER."""
    writer = owner_of(module, "WalWriter")
    function = member(writer, "append", ("payload",))

    @functools.wraps(function)
    def append(self, *args, **kwargs):
        stamped = quiet("the hook at WalWriter.append", _stamped, kwargs)
        return function(self, *args, **(kwargs if stamped is None else stamped))

    writer.append = append


def _stamped(kwargs):
    correlation = _correlation()
    payload = kwargs.get("payload") or {}
    if correlation is None or not isinstance(payload, dict):
        return None
    # The payload is FineCode's: a copy is stamped.
    return {**kwargs, "payload": {**payload, "correlation": correlation}}


def _correlation():
    run = current_run()
    held = current() if run is None else run.context
    if held is None:
        return None
    found = {"id": correlation_id_of(held.trace_id), "trace_id": held.trace_id}
    if run is None:
        # Outside of a run that the hook saw begin: who caused it is all there is to say.
        found["parent_span_id"] = held.span_id
        return found
    found["span_id"] = held.span_id
    if held.parent_span_id is not None:
        found["parent_span_id"] = held.parent_span_id
    return found


def _carry(name):
    def apply(module):
        import throughline_finecode_carry

        getattr(throughline_finecode_carry, name)(module)

    return apply


def _wm(name):
    def apply(module):
        import throughline_finecode_wm

        getattr(throughline_finecode_wm, name)(module)

    return apply


def _er(name):
    def apply(module):
        import throughline_finecode_er

        getattr(throughline_finecode_er, name)(module)

    return apply


_PATCHES = {
    "finecode.telemetry": _carry("patch_telemetry"),
    "finecode.wm_client": _carry("patch_client"),
    "finecode.wm_server.runner.runner_client": _wm("patch_dispatch"),
    "finecode.wm_server.services.run_service.proxy_utils": _wm("patch_runs"),
    "finecode.wm_server.wal": _wm("patch_ids"),
    "finecode.wm_server.wm_server": _wm("patch_server"),
    "finecode_extension_runner._services.run_action": _er("patch_handlers"),
    "finecode_extension_runner.er_server": _er("patch_server"),
    "finecode_extension_runner.er_telemetry": _carry("patch_er_telemetry"),
    "finecode_extension_runner.wal": _stamp,
    "finecode_jsonrpc.client": _carry("patch_features"),
    "finecode_jsonrpc.jsonrpc_server": _carry("patch_sessions"),
}


def patch(module) -> str:
    """Called by the finder once the module was executed. `patched`, or why not."""
    try:
        _PATCHES[module.__name__](module)
    except Missing as missing:
        return "this FineCode is another: %s" % missing
    return "patched"
