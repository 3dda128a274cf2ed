"""What a caller holds of its append: a thread waits for it, or a task awaits it, and neither longer than it was told to.

Settled under the lock of its stream, by the stream's thread; who waits is woken afterwards, without the lock.
"""

from __future__ import annotations

import threading
import time


class Ticket:
    """What became of one append. `outcome` is None until that is known."""

    __slots__ = ("outcome", "sequence", "hlc", "body", "durability", "queued_at", "_stream", "_gate", "_awaiting")

    def __init__(self, stream, durability: str):
        self.outcome: str | None = None
        self.sequence: int | None = None
        self.hlc: str | None = None
        # The stream's own: the record's text until it is written, how, and since when.
        self.body = ""
        self.durability = durability
        self.queued_at = time.monotonic()
        self._stream = stream
        self._gate = None
        self._awaiting: list = []

    def wait(self, wait_ms_max: float | None = None) -> str:
        """The outcome. A barrier that is not durable after `barrier_wait_ms_max` is let go as "late"."""
        if self.outcome is None:
            gate = self._closed_gate()
            if gate is not None and gate.acquire(timeout=self._seconds_left(wait_ms_max)):
                # For whoever else waits at this gate.
                gate.release()
        return self.outcome or self._let_go()

    def __await__(self):
        """As `wait`, without blocking the event loop."""
        return self._wait().__await__()

    async def _wait(self) -> str:
        if self.outcome is None:
            import asyncio

            loop = asyncio.get_running_loop()
            future = loop.create_future()
            if self._is_to_be_woken(loop, future):
                timer = loop.call_later(self._seconds_left(None), _wake, [future])
                try:
                    await future
                finally:
                    timer.cancel()
        return self.outcome or self._let_go()

    def _seconds_left(self, wait_ms_max: float | None) -> float:
        if wait_ms_max is not None:
            return max(wait_ms_max, 0) / 1000
        patience = self._stream.limits["barrier_wait_ms_max"] / 1000
        return max(self.queued_at + patience - time.monotonic(), 0)

    def _closed_gate(self):
        """What a waiting thread waits at: opened when the ticket is settled. None when it is."""
        with self._stream.lock:
            if self.outcome is not None:
                return None
            if self._gate is None:
                self._gate = threading.Lock()
                self._gate.acquire()
            return self._gate

    def _is_to_be_woken(self, loop, future) -> bool:
        """False when the ticket is settled."""
        with self._stream.lock:
            if self.outcome is None:
                self._awaiting.append((loop, future))
            return self.outcome is None

    def _let_go(self) -> str:
        with self._stream.lock:
            if self.outcome is None:
                self.outcome = "late"
                self._stream.was_let_go()
            return self.outcome


def tell(tickets: list[Ticket]) -> None:
    """Lets those go on who wait for these. Not under the lock."""
    loops: dict = {}
    for ticket in tickets:
        if ticket._gate is not None:
            ticket._gate.release()
        for loop, future in ticket._awaiting:
            loops.setdefault(loop, []).append(future)
        ticket._awaiting = []
    # Once for each loop: waking one costs a system call.
    for loop, futures in loops.items():
        try:
            loop.call_soon_threadsafe(_wake, futures)
        except RuntimeError:
            # It was closed meanwhile.
            pass


def _wake(futures: list) -> None:
    for future in futures:
        if not future.done():
            future.set_result(None)
