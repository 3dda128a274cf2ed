"""The records of a run, as docs/events.md has them, in streams of this process: role `wm` or `er`, whichever it plays.

A stream is opened with its first record. What cannot be written is said once and lost; the host goes on.
"""

from __future__ import annotations

import os
import re
import threading
import time

from throughline_context import extract_env
from throughline_finecode_patch import Part, tell_once
from throughline_finecode_scope import current_request, enter, new_span, run_held
from throughline_root import resolve_root
from throughline_stream import Stream

_NAME_CHARS_MAX = 256
_PATH_CHARS_MAX = 4096
_MESSAGE_CHARS_MAX = 200
_SCAN_CHARS_MAX = 2000
_CARRIERS = ("TRACEPARENT", "TRACESTATE", "BAGGAGE")

_lock = threading.Lock()
_streams: dict = {}
_link = None
_root = None

# --- streams -----------------------------------------------------------------------------------------------------


def be_server(directory) -> None:
    """This process serves many requests: what started it is a cause of the process and the parent of none of them. The
    root is that which the readers find from this directory."""
    global _link, _root
    _link = extract_env(os.environ) or _link
    for name in _CARRIERS:
        os.environ.pop(name, None)
    _root = resolve_root(cwd=directory)


def root() -> str:
    global _root
    if _root is None:
        _root = resolve_root()
    return _root


def record(role, event_type, payload, fields, durability="relaxed"):
    """The record's ticket, to be awaited, or None when there is no stream."""
    stream = _streams.get(role)
    if stream is None:
        stream = _open(role)
    return stream.append(event_type, payload, durability=durability, **fields) if stream else None


def _open(role):
    with _lock:
        if role not in _streams:
            header = {"name": "finecode"}
            if _link is not None:
                header["env_link"] = {"trace_id": _link.trace_id, "span_id": _link.span_id}
            try:
                _streams[role] = Stream(role, root(), header=header)
            except Exception as error:
                tell_once("no stream could be opened, nothing is recorded", error)
                _streams[role] = False
        return _streams[role]


async def _durable(ticket) -> None:
    """At most a second, and never in the way of the event loop."""
    if ticket is not None:
        await ticket


def _after_fork() -> None:
    # The lock may have been held by a thread that is not in this process. The streams see to themselves.
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

# --- runs --------------------------------------------------------------------------------------------------------


class Run(Part):
    """One execution of an action by this process: a span of its own, from `run.accepted` to exactly one end."""

    def __init__(self, role, wal_run_id, action, project, trigger, dev_env, payload=None, first_waits=True):
        self.pid = os.getpid()
        self.role = role
        self.id = wal_run_id
        self.context = new_span()
        self.is_barrier = trigger != "system"
        self._first_waits = first_waits
        self.fields = {
            "project_path": cut(project, _PATH_CHARS_MAX),
            "wal_run_id": wal_run_id,
            "action_name": cut(action, _NAME_CHARS_MAX),
            **{name: cut(value, _NAME_CHARS_MAX) for name, value in (("trigger", trigger), ("dev_env", dev_env)) if value},
        }
        self._attempts: dict = {}
        self._started = time.perf_counter()
        self._ticket = None
        self._is_over = False
        request = current_request()
        self._request = request
        accepted = {"durability": "barrier" if self.is_barrier else "relaxed", **(payload or {})}
        rpc = None if request is None else request.rpc()
        if rpc is not None:
            accepted["rpc"] = rpc
        if self.context.parent_span_id is None:
            accepted["root"] = True
        self._accepted = accepted
        self._scope = enter(self.context)
        self._token = run_held.set(self)

    def record(self, event_type, payload, context=None, waits=False, **more):
        """The record's ticket. One that waits is on its way to the disk at once, the others with the next flush."""
        context = context or self.context
        fields = {**self.fields, **context.fields(), **more}
        return record(self.role, event_type, payload, fields, "barrier" if waits and self.is_barrier else "relaxed")

    async def opened(self):
        more = {}
        if self.context.links:
            more["links"] = [{"trace_id": trace, "span_id": span} for trace, span in self.context.links]
        said = self.context.origin or self.origin()
        if said:
            more["origin"] = said
        if self._request is not None and self._request.peer is not None:
            more["peer"] = self._request.peer
        await _durable(self.record("run.accepted", self._accepted, waits=self._first_waits, **more))

    def origin(self):
        return None

    def end(self, event_type, payload, is_answered=True):
        if self._is_over:
            return
        self._is_over = True
        payload = {"duration_ms": since_ms(self._started), "answered": is_answered, **payload}
        self._ticket = self.record(event_type, payload, waits=True)

    async def returned(self, result):
        self.end("run.completed", self.outcome(result))
        await self.settled()

    def outcome(self, result):
        return {}

    def raised(self, error):
        if isinstance(error, Exception) and not is_cancellation(error):
            self.end("run.failed", {"error": describe(error)})
            return
        is_gone = self._request is not None and self._request.is_gone()
        if is_gone and not self._is_over:
            self.record("run.client_gone", {"reason": "disconnected"})
        self.end("run.cancelled", {"error": describe(error)}, is_answered=isinstance(error, Exception) and not is_gone)

    async def settled(self):
        await _durable(self._ticket)

    def leave(self):
        try:
            run_held.reset(self._token)
        except ValueError:
            pass
        self._scope.leave()

    def attempt(self, key) -> int:
        """From 1: the how many-th time the same is asked of the same."""
        self._attempts[key] = self._attempts.get(key, 0) + 1
        return self._attempts[key]


class Attempt(Part):
    """A message to another process that works for this run: exactly its span is the parent on the wire."""

    def __init__(self, run, runner, key, env_name=None):
        self.context = new_span()
        payload = {"attempt": run.attempt(key), "runner": cut(runner, _NAME_CHARS_MAX)}
        if env_name:
            payload["env_name"] = cut(env_name, _NAME_CHARS_MAX)
        self._ticket = run.record("run.dispatched", payload, self.context, waits=True)
        self._scope = enter(self.context)

    async def opened(self):
        await _durable(self._ticket)

    def leave(self):
        self._scope.leave()


class Handler(Part):
    """One handler of a run, with a span of its own."""

    def __init__(self, run, name):
        self._run = run
        self._name = cut(name, _NAME_CHARS_MAX)
        self.context = new_span()
        self._started = time.perf_counter()
        run.record("handler.started", {"handler": self._name}, self.context)
        self._scope = enter(self.context)

    def _end(self, event_type, **more):
        payload = {"handler": self._name, "duration_ms": since_ms(self._started), **more}
        self._run.record(event_type, payload, self.context)

    async def returned(self, result):
        self._end("handler.completed")

    def raised(self, error):
        self._end("handler.failed", error=describe(error))

    def leave(self):
        self._scope.leave()


# --- what is kept of the host's data -----------------------------------------------------------------------------

_SECRETS = (
    (re.compile(r"://[^\s/@:]+:[^\s/@]+@"), "://[redacted]@"),
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]+", re.I), r"\1 [redacted]"),
    (
        re.compile(
            r"((?:password|passwd|secret|token|credential|api[_-]?key|authorization)[\"']?\s*[=:]\s*)"
            r"(?:\"[^\"]*\"|'[^']*'|[^\s,;&\"']+)",
            re.I,
        ),
        r"\1[redacted]",
    ),
    (re.compile(r"\b(?:gh[pousr]_|github_pat_|glpat-|npm_|sk-|xox[abpr]-|AKIA|eyJ)[\w.-]{8,}"), "[redacted]"),
    (re.compile(r"\b(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{32,}\b"), "[redacted]"),
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def since_ms(started) -> float:
    return round((time.perf_counter() - started) * 1000, 3)


def cut(value, characters_max) -> str:
    """The text, or its beginning and how many characters are missing."""
    text = str(value)
    if len(text) <= characters_max:
        return text
    return "%s…[cut %d]" % (text[:characters_max], len(text) - characters_max)


def redact(value) -> str:
    """One line, secrets taken out by pattern, at most 200 characters."""
    text = _CONTROL.sub(" ", str(value)[:_SCAN_CHARS_MAX])
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text if len(text) <= _MESSAGE_CHARS_MAX else cut(text, _MESSAGE_CHARS_MAX - 16)


def describe(error) -> dict:
    found = {}
    code = getattr(error, "code", None)
    if isinstance(code, (int, str)) and not isinstance(code, bool):
        found["code"] = code if isinstance(code, int) else cut(code, 64)
    found["class"] = cut(type(error).__name__, 64)
    found["message"] = redact(getattr(error, "message", None) or error)
    return found


def is_cancellation(error) -> bool:
    """By JSON-RPC's codes, or by the name: FineCode has a class for it in each of its packages."""
    return getattr(error, "code", None) in (-32800, -32802) or "Cancel" in type(error).__name__
