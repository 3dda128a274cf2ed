"""Native throughline streams from Python, durable as docs/format.md and docs/durability.md say.

    from throughline_stream import Stream

    stream = Stream("wm", project_path="/home/ada/project")
    ticket = stream.append("run.accepted", {"params_hash": "8d2f"}, wal_run_id=run_id, action_name="lint")
    ticket.wait()                  # or `await ticket`: "durable", or "late" after a second and the host goes on
    stream.append("handler.started", {"handler": "ruff"}, durability="relaxed", wal_run_id=run_id)
    stream.close()

One thread of its own does all I/O: write, datasync, acknowledge, one flush at a time; what arrives meanwhile is the
next batch. `append` waits for nothing, but for room when 16 MiB are queued. Only the outcome "durable" is a promise.

It never raises into its host: a failure is one line on stderr and counted in `metrics()`. It never opens a stream that
another process wrote: a forked child gets its own at its first `append`. It prunes nothing and signs nothing.
Standard library only, Python 3.9 and later.
"""

from __future__ import annotations

import errno
import re
import sys
import threading
import time
from queue import Empty, SimpleQueue

import throughline_exit
import throughline_root
from throughline_context import HybridClock, format_hlc, mint_correlation_id, process_clock, read_hlc
from throughline_disk import Disk, DiskStream, StreamLost
from throughline_record import encode_fields, format_time
from throughline_ticket import Ticket, tell

FORMAT = 1
OUTCOMES = ("durable", "queued", "late", "dropped", "refused")
"""`refused`: this cannot be a record (no event type, an unknown field, too large). The others: docs/durability.md."""

LIMITS = {
    "payload_bytes_max": 64 * 1024,  # beyond it texts are cut, then all of it, with a marker
    "record_bytes_max": 1024 * 1024,
    "segment_bytes_max": 8 * 1024 * 1024,
    "flush_bytes_max": 1024 * 1024,
    "pending_bytes_max": 16 * 1024 * 1024,
    "relaxed_delay_ms_max": 100,
    "barrier_wait_ms_max": 1000,
    "alive_interval_ms": 10_000,
    "reopen_delay_ms": 1000,
    "close_wait_ms_max": 10_000,
}
_REOPEN_DELAY_MS_MAX = 60_000
_UNSYNCED_BYTES_MAX = 1024 * 1024
_COMPLAINTS_MAX = 20
_COUNTS = ("records", "flushes", "syncs", "rotations", "failovers", "late", "dropped", "refused", "failures")

_ROLE = re.compile("[a-z][a-z0-9-]{0,31}")
_TERMINAL = frozenset(("run.cancelled", "run.completed", "run.failed", "run.rejected"))
# Starting: records wait for the file. Inherited: this process is a fork of the one that opened the stream.
_STARTING, _OPEN, _DEGRADED, _INHERITED, _CLOSED = "starting", "open", "degraded", "inherited", "closed"


class Stream:
    """A stream that many threads and event loops may append to. Opened when this returns, or after a second at most."""

    def __init__(
        self,
        role: str,
        root: str | None = None,
        *,
        project_path: str = "",
        header: dict | None = None,
        workspace: str | None = None,
        clock: HybridClock | None = None,
        seal_on_exit: bool = True,
        disk: Disk | None = None,
        identity=throughline_root.identity,
        mint=mint_correlation_id,
        **limits: int,
    ):
        """`root`: see `throughline_root.resolve_root`. `header` is added to `wal.opened`. `limits`: any of LIMITS.
        `clock`, `disk`, `identity` and `mint` are for tests."""
        self.limits = {**LIMITS, **limits}
        self.role = role
        self.root = ""
        self._project_path = project_path
        self._header: dict = {}
        self._clock = clock or process_clock()
        self._disk = disk or Disk()
        self._identity = identity
        self._mint = mint
        self._file: DiskStream | None = None
        self._forked_from = ""
        self._gap = _Gap()
        self._reset()
        try:
            self._check(role, limits)
            self._header = dict(header or {})
            self.root = throughline_root.resolve_root(root, workspace=workspace)
        except Exception as error:
            self._state = _CLOSED
            self._complain("no stream: %s" % _say(error))
            return
        throughline_exit.watch(self, seal_on_exit)
        self._start()
        self._opened.wait(self.limits["barrier_wait_ms_max"] / 1000)

    # --- for the host ---------------------------------------------------------------------------------------------

    @property
    def writer_id(self) -> str:
        """Empty while no stream is open."""
        return self._file.writer_id if self._file is not None else ""

    @property
    def directory(self) -> str:
        return self._file.directory if self._file is not None else ""

    @property
    def state(self) -> str:
        """`open`, `degraded` (tried for again, meanwhile appends are dropped and counted), `closed`; briefly others."""
        return self._state

    def append(self, event_type: str, payload: dict | None = None, *, durability: str = "barrier", **fields) -> Ticket:
        """A record, in the order of the calls. `durability`: `barrier`, `relaxed` or `none`, as in docs/durability.md.
        `fields`: project_path, wal_run_id, action_name, trigger, dev_env, env_name, correlation_id, span_id,
        parent_span_id, links, origin, peer; None is as absent."""
        ticket = Ticket(self, durability)
        try:
            text = self._encode(event_type, payload, fields)
            if durability not in ("barrier", "relaxed", "none"):
                raise ValueError("not a durability: %r" % (durability,))
            self._take_in(ticket, text, event_type, fields.get("wal_run_id"))
        except Exception as error:
            self._counts["refused"] += 1
            self._complain("a record was refused: %s" % _say(error))
            ticket.outcome = "refused"
        return ticket

    def barrier(self) -> Ticket:
        """Settles as a record would that was appended now: what was queued before it is durable then, or lost."""
        ticket = Ticket(self, "barrier")
        with self.lock:
            if self._state in (_STARTING, _OPEN):
                self._queue.append(ticket)
                self._is_urgent = True
                self._ring()
            else:
                # A forked child that appended nothing has nothing to wait for.
                ticket.outcome = "durable" if self._state == _INHERITED else "dropped"
        return ticket

    def flush(self, wait_ms_max: float | None = None) -> bool:
        """Whether everything queued before is durable, after at most `barrier_wait_ms_max`."""
        return self.barrier().wait(wait_ms_max) == "durable"

    def close(self, wait_ms_max: float | None = None, reason: str = "closed") -> None:
        """Flushes, seals and ends the thread. May be called twice. A disk that hangs is not waited for any longer."""
        with self.lock:
            self._closing = self._closing or reason
            if self._state in (_INHERITED, _CLOSED) or self._thread is None:
                self._state = _CLOSED
            self._ring()
            thread = self._thread
        limit = self.limits["close_wait_ms_max"] if wait_ms_max is None else wait_ms_max
        if thread is not None and thread is not threading.current_thread():
            thread.join(limit / 1000)
        throughline_exit.forget(self)

    def metrics(self) -> dict:
        with self.lock:
            return {
                **self._counts,
                "pending_records": len(self._queue) + len(self._in_flight),
                "pending_bytes": self._pending_bytes,
                "last_error": self.last_error,
            }

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_raised) -> None:
        self.close()

    # --- on the caller's thread -----------------------------------------------------------------------------------

    def _reset(self) -> None:
        """As in a new process: no thread, nothing queued, locks that nobody holds."""
        # Reentrant: a signal handler of the host may append while its main thread stands in `append`.
        self.lock = threading.RLock()
        self._room = threading.Condition(self.lock)
        self._waiting_for_room = 0
        self._bell: SimpleQueue = SimpleQueue()
        self._is_rung = False
        self._opened = threading.Event()
        self._thread: threading.Thread | None = None
        self._state = _STARTING
        self._closing = ""
        self._queue: list[Ticket] = []
        self._in_flight: list[Ticket] = []
        self._pending_bytes = 0
        self._is_urgent = False
        self._counts = dict.fromkeys(_COUNTS, 0)
        self.last_error: str | None = None
        self._last_reading = 0
        self._is_disordered = False
        self._open_runs: set[str] = set()
        self._alive_at = 0.0
        self._reopen_at = 0.0
        self._reopen_delay_ms = self.limits["reopen_delay_ms"]

    def _check(self, role: str, limits: dict) -> None:
        if not isinstance(role, str) or not _ROLE.fullmatch(role):
            raise ValueError("not a role: %r" % (role,))
        for name, value in limits.items():
            if name not in LIMITS or not isinstance(value, int) or value < 1:
                raise ValueError("not a limit: %s=%r" % (name, value))

    def _start(self) -> None:
        self._state = _STARTING
        self._thread = threading.Thread(target=self._run, name="throughline-%s" % self.role, daemon=True)
        try:
            self._thread.start()
        except RuntimeError as error:
            # The interpreter is ending, or the system has no thread left.
            self._thread = None
            self._state = _CLOSED
            self._opened.set()
            self._complain("no thread for the stream: %s" % _say(error))

    def _encode(self, event_type: str, payload: dict | None, fields: dict) -> str:
        text = encode_fields(event_type, payload, fields, self._project_path, self.limits["payload_bytes_max"])
        if len(text) > self.limits["record_bytes_max"]:
            raise ValueError("%s: %d bytes, the limit is %d" % (event_type, len(text), self.limits["record_bytes_max"]))
        return text

    def _take_in(self, ticket: Ticket, text: str, event_type: str, run_id: object) -> None:
        with self.lock:
            # Runs are followed also while nothing can be written: they are open all the same.
            self._see_run(event_type, run_id)
            if self._state == _INHERITED:
                self._start()
            # Who asked before the close is in the record, or counted there, also when its turn comes after it.
            is_too_late = self._closing != ""
            if is_too_late or not self._has_room(len(text)) or self._state not in (_STARTING, _OPEN):
                self._drop(ticket, is_too_late)
            else:
                self._push(ticket, text)

    def _push(self, ticket: Ticket, text: str) -> None:
        microseconds, reading = self._clock.read()
        ticket.hlc = format_hlc(reading)
        ticket.body = ',"ts":"%s"%s,"hlc":"%s"' % (format_time(microseconds), text, ticket.hlc)
        if reading < self._last_reading:
            self._is_disordered = True
        self._last_reading = reading
        self._queue.append(ticket)
        self._pending_bytes += len(ticket.body)
        if ticket.durability == "barrier":
            self._is_urgent = True
            self._ring()
        else:
            ticket.outcome = "queued"
            if len(self._queue) == 1 or self._pending_bytes >= self.limits["flush_bytes_max"]:
                self._ring()

    def _note(self, event_type: str, payload: dict, durability: str = "relaxed") -> None:
        """A record of the stream's own."""
        self._push(Ticket(self, durability), encode_fields(event_type, payload, {}, self._project_path))

    def _has_room(self, size: int) -> bool:
        """Whether the record may go ahead. A thread waits a while for that; on an event loop nobody waits."""
        if self._fits(size):
            return True
        if not _is_on_event_loop() and threading.current_thread() is not self._thread:
            self._waiting_for_room += 1
            try:
                self._room.wait_for(
                    lambda: self._fits(size) or self._state not in (_STARTING, _OPEN),
                    self.limits["barrier_wait_ms_max"] / 1000,
                )
            finally:
                self._waiting_for_room -= 1
        return self._fits(size)

    def _fits(self, size: int) -> bool:
        # A record larger than the limit goes ahead alone.
        return self._pending_bytes == 0 or self._pending_bytes + size <= self.limits["pending_bytes_max"]

    def _drop(self, ticket: Ticket, is_too_late: bool) -> None:
        ticket.outcome = "dropped"
        self._counts["dropped"] += 1
        if is_too_late or self._state == _CLOSED:
            self._complain("a record was dropped: the stream is closed")
        elif self._state in (_STARTING, _OPEN):
            self._gap.add(1, "no room")
            if self._gap.records == 1:
                self._complain("records are dropped: %d bytes wait for the disk" % self._pending_bytes)
        else:
            self._gap.add(1, self.last_error or "")

    def _see_run(self, event_type: str, run_id: object) -> None:
        if run_id is None:
            return
        if event_type == "run.accepted":
            if not self._open_runs:
                self._alive_at = time.monotonic() + self.limits["alive_interval_ms"] / 1000
                self._ring()
            self._open_runs.add(str(run_id))
        elif event_type in _TERMINAL:
            self._open_runs.discard(str(run_id))

    def was_let_go(self) -> None:
        """A caller waited too long. The record stays on its way, and `wal.late` follows it."""
        self._counts["late"] += 1
        self._complain("a record was not durable in time; the host goes on")

    def _ring(self) -> None:
        if not self._is_rung:
            self._is_rung = True
            self._bell.put(None)

    def _complain(self, text: str) -> None:
        self._counts["failures"] += 1
        if self._counts["failures"] <= _COMPLAINTS_MAX:
            last = "; further failures are only counted" if self._counts["failures"] == _COMPLAINTS_MAX else ""
            _write_line("throughline: %s: %s%s" % (self.role, text, last))

    def leave_parent(self) -> None:
        """In a forked child: what was queued is the parent's to write, and so is its file. Ours opens when needed."""
        pending, was = [*self._in_flight, *self._queue], self._state
        self._forked_from = self.writer_id
        if self._file is not None:
            self._file.abandon()
        self._file = None
        self._gap = _Gap()
        self._reset()
        self._state = was if was == _CLOSED else _INHERITED
        for ticket in pending:
            if ticket.outcome is None:
                # No promise: whether it is on disk is for the parent to say.
                ticket.outcome = "late"

    # --- on the stream's thread -----------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._open()
            while True:
                self._sleep()
                if self._is_over():
                    return
        except BaseException as error:
            # A mistake of ours must not end in a host that waits for ever.
            self._give_up("the stream ended: %s" % _say(error))
        finally:
            self._opened.set()

    def _open(self) -> None:
        """A new stream, behind the last one of its role: header and directories durable."""
        try:
            previous, hlc = throughline_root.last_of_role(self.root, self.role)
            if hlc is not None:
                self._clock.start_after(read_hlc(hlc))
            file = DiskStream(
                self.root,
                self.role,
                "%s-%s" % (self.role, self._mint()),
                lambda segment, more: self._header_of(segment, more, previous),
                self._encode_own,
                self._clock,
                self.limits["segment_bytes_max"],
                self._disk,
            )
            with self.lock:
                # Records that were appended already wait behind the header, and readings must not fall.
                waiting = (ticket.hlc for ticket in self._queue if ticket.hlc is not None)
                first = next(waiting, None) or format_hlc(self._clock.tick())
            file.open(first)
        except Exception as error:
            self._degrade([], error)
            return
        with self.lock:
            self._file = file
            self._state = _OPEN
            self._reopen_delay_ms = self.limits["reopen_delay_ms"]
            if self._gap.is_open:
                self._note("wal.gap", self._gap.take(), "barrier")
        self._opened.set()

    def _header_of(self, segment: int, more: dict, previous: dict | None) -> dict:
        return {
            **self._header,
            **({"forked_from": self._forked_from} if self._forked_from else {}),
            "format": FORMAT,
            "role": self.role,
            "segment": segment,
            **self._identity(),
            **more,
            **({} if previous is None else {"previous_stream": previous}),
        }

    def _encode_own(self, event_type: str, payload: dict, hlc: str | None) -> str:
        text = encode_fields(event_type, payload, {}, self._project_path)
        return ',"ts":"%s"%s,"hlc":"%s"' % (format_time(self._clock.wall_us()), text, hlc)

    def _sleep(self) -> None:
        """Until something is due."""
        with self.lock:
            self._is_rung = False
            due_at = self._due_at()
        left = None if due_at is None else due_at - time.monotonic()
        if left is None or left > 0:
            try:
                self._bell.get(timeout=left)
            except Empty:
                pass

    def _due_at(self) -> float | None:
        """When there is something to do; 0 for now, None for not before somebody rings."""
        if self._closing:
            return 0
        if self._state == _DEGRADED:
            return self._reopen_at
        times = []
        if self._queue:
            if self._is_urgent or self._pending_bytes >= self.limits["flush_bytes_max"]:
                return 0
            times.append(self._queue[0].queued_at + self.limits["relaxed_delay_ms_max"] / 1000)
        if self._open_runs:
            times.append(self._alive_at)
        return min(times, default=None)

    def _is_over(self) -> bool:
        """Does what is due. True after the last of it."""
        now = time.monotonic()
        with self.lock:
            due_at = self._due_at()
            closing = self._closing
            if self._state == _OPEN and self._open_runs and self._alive_at <= now:
                self._alive_at = now + self.limits["alive_interval_ms"] / 1000
                self._note("wal.alive", {"open_runs": len(self._open_runs)}, "none")
        if self._state == _DEGRADED and not closing:
            if self._reopen_at <= now:
                self._open()
            return False
        if due_at is None or due_at > now:
            return False
        self._flush()
        return bool(closing) and self._end(closing)

    def _flush(self) -> None:
        """One flush of what is queued: the only place where a record is written and acknowledged."""
        with self.lock:
            batch = self._take()
        file = self._file
        if not batch or file is None:
            return
        bodies = [ticket.body for ticket in batch if ticket.body]
        is_sync = any(ticket.durability != "none" for ticket in batch)
        is_sync = is_sync or file.unsynced_bytes > _UNSYNCED_BYTES_MAX
        try:
            if file.is_rotation_due:
                file.rotate()
            first = file.flush(bodies, is_sync) if bodies or file.unsynced_bytes else 0
        except StreamLost as lost:
            self._degrade(batch, lost.cause, lost.unsynced)
            return
        # Written, synced: only now is anybody told.
        self._acknowledge(batch, first, is_sync)

    def _take(self) -> list[Ticket]:
        if self._is_disordered:
            self._queue.sort(key=lambda ticket: ticket.hlc or "")
            self._is_disordered = False
        size = count = 0
        for ticket in self._queue:
            if count and size + len(ticket.body) > self.limits["flush_bytes_max"]:
                break
            size += len(ticket.body)
            count += 1
        self._in_flight, self._queue = self._queue[:count], self._queue[count:]
        self._is_urgent = any(ticket.durability == "barrier" for ticket in self._queue)
        return self._in_flight

    def _acknowledge(self, batch: list[Ticket], sequence: int, is_sync: bool) -> None:
        now = time.monotonic()
        late = waited = 0
        with self.lock:
            told = []
            for ticket in batch:
                if ticket.outcome == "late":
                    late += 1
                    waited = max(waited, now - ticket.queued_at)
                elif ticket.outcome is None:
                    ticket.outcome = "durable"
                    if ticket.body:
                        ticket.sequence = sequence
                    told.append(ticket)
                if ticket.body:
                    sequence += 1
                    self._counts["records"] += 1
            self._counts["flushes"] += 1
            self._counts["syncs"] += is_sync
            self._forget(batch)
            if late:
                self._note("wal.late", {"barriers": late, "waited_ms": round(waited * 1000)})
            if self._gap.is_open:
                self._note("wal.gap", self._gap.take())
            self._see_moves()
        tell(told)

    def _see_moves(self) -> None:
        """Rotations and failovers of the current file."""
        file = self._file
        if file is None:
            return
        self._counts["rotations"] += file.rotations
        self._counts["failovers"] += file.failovers
        file.rotations = file.failovers = 0
        error, file.last_error = file.last_error, None
        if error is not None:
            self.last_error = _say(error)
            self._complain("%s; the stream goes on in %s" % (self.last_error, file.directory))

    def _forget(self, batch: list[Ticket]) -> None:
        self._in_flight = []
        for ticket in batch:
            self._pending_bytes -= len(ticket.body)
            ticket.body = ""
        if self._waiting_for_room:
            self._room.notify_all()

    def _degrade(self, batch: list[Ticket], error: BaseException, unsynced: int = 0) -> None:
        """No file can be written. The host goes on, what it appends is counted, and a new stream is tried for."""
        with self.lock:
            self.last_error = _say(error)
            pending = [*batch, *self._queue]
            self._queue = []
            records = unsynced + sum(1 for ticket in pending if ticket.body)
            self._counts["dropped"] += records
            self._gap.add(records, self.last_error)
            if self._file is not None:
                self._gap.lose(self.writer_id, self._file.synced_sequence, self.last_error)
                self._file.last_error = None
                self._see_moves()
            self._file = None
            self._forget(pending)
            self._pending_bytes = 0
            self._is_urgent = False
            self._state = _CLOSED if self._closing else _DEGRADED
            self._reopen_at = time.monotonic() + self._reopen_delay_ms / 1000
            self._reopen_delay_ms = min(self._reopen_delay_ms * 2, _REOPEN_DELAY_MS_MAX)
            waiting = [ticket for ticket in pending if ticket.outcome is None]
            for ticket in waiting:
                ticket.outcome = "dropped"
            self._complain("nothing can be recorded: %s" % self.last_error)
        self._opened.set()
        tell(waiting)

    def _end(self, reason: str) -> bool:
        """Closing: whether nothing is left to write, and then the seal."""
        with self.lock:
            if self._waiting_for_room and self._state == _OPEN:
                # There is room by now, and they go ahead as soon as they have the lock.
                self._room.wait(0.01)
                return False
            if self._queue and self._state == _OPEN:
                return False
            file = self._file
            self._state = _CLOSED
        if file is not None:
            try:
                file.seal(reason)
            except Exception as error:
                # Everything acknowledged is durable; without a seal the stream just ends.
                self.last_error = _say(getattr(error, "cause", error))
                self._complain("the stream has no seal: %s" % self.last_error)
        return True

    def _give_up(self, why: str) -> None:
        with self.lock:
            self._state = _CLOSED
            pending = [*self._in_flight, *self._queue]
            self._queue = []
            self._forget(pending)
            waiting = [ticket for ticket in pending if ticket.outcome is None]
            for ticket in waiting:
                ticket.outcome = "dropped"
            self._counts["dropped"] += len(pending)
        self._complain(why)
        tell(waiting)


class _Gap:
    """What a stream could not keep: counted while it goes on, and said in `wal.gap` once something can be written."""

    def __init__(self):
        self.records = 0
        self._reason = ""
        self._lost: dict = {}

    @property
    def is_open(self) -> bool:
        return self.records > 0 or bool(self._lost)

    def add(self, records: int, reason: str) -> None:
        self._reason = self._reason or reason
        self.records += records

    def lose(self, writer_id: str, after_sequence: int, reason: str) -> None:
        self._reason = reason
        self._lost = {"lost_writer_id": writer_id, "after_sequence": after_sequence}

    def take(self) -> dict:
        payload = {"records": self.records, "reason": self._reason, **self._lost}
        self.__init__()
        return payload


def _is_on_event_loop() -> bool:
    running = getattr(sys.modules.get("asyncio"), "_get_running_loop", None)
    return running is not None and running() is not None


def _say(error: BaseException) -> str:
    """Code and message on one line, as in the records of other hosts: `ENOSPC: No space left on device`."""
    code = errno.errorcode.get(getattr(error, "errno", None) or 0)
    text = (error.strerror if isinstance(error, OSError) and code else str(error)) or type(error).__name__
    return " ".join(("%s: %s" % (code, text) if code else text).split())[:300]


def _write_line(text: str) -> None:
    try:
        # One write: lines of several processes stay whole.
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except Exception:
        # No stderr, or a closed one: then it is only counted.
        pass
