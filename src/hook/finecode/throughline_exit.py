"""The end of a process, and its copies: seals at exit and on SIGTERM, and tells streams that they were forked.

Best effort: a stream without a seal is a normal sight, and nothing depends on one. A handler of the host is never
replaced, and one that the host sets later replaces ours.
"""

from __future__ import annotations

import atexit
import os
import signal
import threading

_EXIT_WAIT_MS_MAX = 1000

_streams: set = set()
_to_seal: set = set()
_has_exit = False
_has_sigterm = False


def watch(stream, seal_on_exit: bool) -> None:
    """`stream.close(ms, reason)` at the end, `stream.leave_parent()` in a forked child."""
    global _has_exit, _has_sigterm
    _streams.add(stream)
    if not seal_on_exit:
        return
    _to_seal.add(stream)
    if not _has_exit:
        atexit.register(_seal_all, "exit")
        _has_exit = True
    if _has_sigterm or threading.current_thread() is not threading.main_thread():
        return
    try:
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, _on_sigterm)
            _has_sigterm = True
    except (ValueError, OSError):
        # Not the main interpreter.
        pass


def forget(stream) -> None:
    """Without a stream, the signal does again what it did before."""
    global _has_sigterm
    _streams.discard(stream)
    _to_seal.discard(stream)
    if not _has_sigterm or _to_seal or threading.current_thread() is not threading.main_thread():
        return
    if signal.getsignal(signal.SIGTERM) is _on_sigterm:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _has_sigterm = False


def _on_sigterm(number, _frame) -> None:
    _seal_all("SIGTERM")
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _seal_all(reason: str) -> None:
    for stream in list(_to_seal):
        stream.close(_EXIT_WAIT_MS_MAX, reason)


def _after_fork_in_child() -> None:
    for stream in list(_streams):
        stream.leave_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
