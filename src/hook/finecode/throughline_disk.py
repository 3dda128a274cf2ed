"""One stream on disk: its bytes, its files and the order in which they are written (docs/format.md).

No thread and no lock: one caller at a time, which is the writer thread of throughline_stream. Nothing here reads a
stream, opens a file that is there already, or syncs a file again where that failed once.
"""

from __future__ import annotations

import hashlib
import os
import sys
import zlib

if sys.platform == "darwin":
    import fcntl

ORIGIN = (0, 0)
"""Before the first record: its sequence and check."""


def assemble(bodies, end, synced: int, writer_id: str):
    """The lines of `bodies` behind `end`, and the new end. `synced`, `prev` and `crc` are set here and nowhere else."""
    sequence, check = end
    mark = ',"synced":%d' % synced
    lines = []
    for body in bodies:
        sequence += 1
        checked = (
            '{"schema_version":2,"sequence":%d,"writer_id":"%s"%s%s,"prev":"%08x"'
            % (sequence, writer_id, body, mark, check)
        ).encode("ascii")
        check = zlib.crc32(checked)
        lines.append(b'%s,"crc":"%08x"}\n' % (checked, check))
        mark = ""
    return b"".join(lines), (sequence, check)


def hlc_of(body: str) -> str | None:
    """The reading in an encoded body: its last field."""
    return body[-14:-1] or None


def segment_name(number: int) -> str:
    return "wal-%06d.jsonl" % number


def levels(root: str, role: str, writer_id: str):
    """The directory that is there, and the levels to make below it, the stream's own last."""
    wal = os.path.join(root, "wal")
    directories = [root, wal, os.path.join(wal, role), os.path.join(wal, role, writer_id)]
    parent = os.path.dirname(root)
    while not os.path.exists(parent) and os.path.dirname(parent) != parent:
        directories.insert(0, parent)
        parent = os.path.dirname(parent)
    return parent, directories


class Disk:
    """Everything that is asked of a file system. Tests pass one that fails or remembers."""

    def make_directory(self, path: str) -> bool:
        """False when it was there."""
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:
            return False
        return True

    def create_file(self, path: str) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        return os.open(path, flags, 0o600)

    def write(self, descriptor: int, data) -> int:
        """May write less than asked."""
        return os.write(descriptor, data)

    def datasync(self, descriptor: int) -> None:
        if sys.platform == "darwin":
            # What fsync there leaves in the disk's own cache.
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        else:
            getattr(os, "fdatasync", os.fsync)(descriptor)

    def is_linked(self, descriptor: int) -> bool:
        """A removed file can be written and synced, and nobody will ever find it. Asking for times makes Linux write
        them with the next datasync; an append writes the size then anyway (measured: access(2) instead saves 1 %)."""
        return os.fstat(descriptor).st_nlink > 0

    def sync_directory(self, path: str) -> None:
        if sys.platform == "win32":
            return
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def remove_file(self, path: str) -> None:
        os.unlink(path)

    def remove_directory(self, path: str) -> None:
        """Of an empty one."""
        os.rmdir(path)

    def close(self, descriptor: int) -> None:
        os.close(descriptor)


class StreamLost(Exception):
    """Neither the file nor a second one could be written. `unsynced` records of earlier flushes are lost as well."""

    def __init__(self, cause: BaseException, unsynced: int):
        super().__init__(str(cause))
        self.cause = cause
        self.unsynced = unsynced


class _Segment:
    """The file that is written now."""

    def __init__(self, file: str, descriptor: int):
        self.file = file
        self.descriptor = descriptor
        self.bytes = 0
        self.count = 0
        self.digest = hashlib.sha256()

    def wrote(self, data: bytes, count: int) -> None:
        self.digest.update(data)
        self.bytes += len(data)
        self.count += count


class DiskStream:
    """The current segment, the chain, and three ways on: flush, rotate, fail over. After `StreamLost` it is dead."""

    def __init__(self, root, role, writer_id, header, encode, clock, segment_bytes_max, disk):
        """`header` is the payload of `wal.opened`; `encode(event_type, payload, hlc or None)` gives a body."""
        self.writer_id = writer_id
        self._parent, self._directories = levels(root, role, writer_id)
        self.directory = self._directories[-1]
        self._header = header
        self._encode = encode
        self._clock = clock
        self._segment_bytes_max = segment_bytes_max
        self._rotate_at = segment_bytes_max
        self._disk = disk
        self._segment = None
        self._segments_used = 0
        self._end, self._end_hlc = ORIGIN, None
        self._synced, self._synced_hlc = ORIGIN, None
        # Written since the last datasync: kept, because only these could be written again.
        self._unsynced: list[str] = []
        self.unsynced_bytes = 0
        self.rotations = 0
        self.failovers = 0
        self.last_error: BaseException | None = None

    @property
    def synced_sequence(self) -> int:
        """The highest sequence known durable."""
        return self._synced[0]

    @property
    def is_rotation_due(self) -> bool:
        return self._segment is not None and self._segment.bytes >= self._rotate_at

    def open(self, hlc: str | None = None) -> None:
        """The first segment; durable when this returns. Or it fails, and leaves nothing behind."""
        try:
            self._create(ORIGIN, hlc, {})
        except Exception:
            # The last level is the stream's own, and empty.
            self._remove_quietly(self._disk.remove_directory, self.directory)
            raise

    def flush(self, bodies, is_sync: bool) -> int:
        """Writes the bodies, makes them and all before them durable if asked; the first one's sequence. StreamLost."""
        try:
            return self._write(bodies, is_sync)
        except Exception as error:
            return self._fail_over(bodies, error)

    def rotate(self) -> None:
        """Next file, header and directory durable; then the seal in the old one. A crash between the two leaves an
        unsealed segment that its successor names: complete. When the next file cannot be made the old one goes on."""
        if self._unsynced:
            self.flush([], True)
        old, end, hlc = self._segment, self._end, self._end_hlc
        seal, sealed_end = self._seal(segment_name(self._segments_used + 1), "rotated")
        predecessor = _place(old.file, end, bytes=old.bytes, sha256=old.digest.hexdigest())
        try:
            self._create(sealed_end, hlc, {"predecessor": predecessor})
        except Exception as error:
            self.last_error = error
            self._rotate_at = old.bytes + self._segment_bytes_max // 4
            return
        self.rotations += 1
        self._rotate_at = self._segment_bytes_max
        try:
            self._finish(old, seal)
        except Exception as error:
            # Complete without its seal: the new header says where it ends.
            self.last_error = error

    def seal(self, reason: str) -> None:
        """What is not synced yet, the seal, and the file closed."""
        if self._unsynced:
            self.flush([], True)
        seal, _end = self._seal(None, reason)
        segment, self._segment = self._segment, None
        self._finish(segment, seal)

    def abandon(self) -> None:
        """In a forked child: the file is the parent's. Only our copy of its descriptor is closed."""
        if self._segment is not None:
            try:
                self._disk.close(self._segment.descriptor)
            except OSError:
                pass
            self._segment = None

    def _write(self, bodies, is_sync: bool) -> int:
        segment = self._segment
        if segment is None:
            raise OSError("the stream has no file to write")
        data, end = assemble(bodies, self._end, self.synced_sequence, self.writer_id)
        self._write_all(segment.descriptor, data)
        if is_sync:
            # A crash before this line leaves any part of the batch; the caller acknowledges after it.
            self._disk.datasync(segment.descriptor)
            if not self._disk.is_linked(segment.descriptor):
                raise OSError("the file was removed")
        segment.wrote(data, len(bodies))
        self._advance(end, bodies, is_sync)
        return end[0] - len(bodies) + 1

    def _fail_over(self, bodies, error: Exception) -> int:
        """Everything since the last datasync goes once into a new file, whose header says what it supersedes."""
        self.last_error = error
        old, batch = self._segment, [*self._unsynced, *bodies]
        unsynced = len(self._unsynced)
        try:
            if old is None:
                raise error
            supersedes = _place(old.file, self._synced)
            self._create(self._synced, self._synced_hlc, {"supersedes": supersedes})
            self._write(batch, True)
        except Exception as cause:
            self.last_error = cause
            for segment in {old, self._segment} - {None}:
                self._close_quietly(segment.descriptor)
            self._segment = None
            raise StreamLost(cause, unsynced) from cause
        self.failovers += 1
        self._close_quietly(old.descriptor)
        return self._end[0] - len(bodies) + 1

    def _create(self, start, hlc, more) -> None:
        """Makes the next file with its header, which goes on from `start`. If that fails the current one stays."""
        # A number is used once, even if the file was never made: nobody may find two files of that name.
        self._segments_used += 1
        file = segment_name(self._segments_used)
        header = self._encode("wal.opened", self._header(self._segments_used, more), hlc)
        synced = more["predecessor"]["last_sequence"] if "predecessor" in more else start[0]
        data, end = assemble([header], start, synced, self.writer_id)
        if self._segments_used == 1:
            self._make_directories()
        path = os.path.join(self.directory, file)
        descriptor = self._disk.create_file(path)
        try:
            self._write_all(descriptor, data)
            # A crash before this line leaves an empty or torn file that nothing names.
            self._disk.datasync(descriptor)
            # A crash before this line may leave no file at all; nothing in it was acknowledged.
            self._disk.sync_directory(self.directory)
        except Exception:
            self._remove_quietly(self._disk.remove_file, path)
            self._close_quietly(descriptor)
            raise
        self._segment = _Segment(file, descriptor)
        self._segment.wrote(data, 1)
        self._advance(end, [header], True)

    def _make_directories(self) -> None:
        holder = self._parent
        for directory in self._directories:
            is_made = self._disk.make_directory(directory)
            try:
                # Synced even if it was there: whoever made it may not have come to this line yet.
                self._disk.sync_directory(holder)
            except PermissionError:
                # Somebody else's directory that we may not open, and that we put nothing into.
                if is_made:
                    raise
            holder = directory

    def _seal(self, successor: str | None, reason: str):
        segment = self._segment
        if segment is None:
            raise OSError("the stream has no file to seal")
        payload = {
            "count": segment.count,
            "bytes": segment.bytes,
            "sha256": segment.digest.hexdigest(),
            "next": successor,
            "reason": reason,
            "clock_steps": self._clock.steps,
        }
        body = self._encode("wal.sealed", payload, self._end_hlc)
        return assemble([body], self._end, self.synced_sequence, self.writer_id)

    def _finish(self, segment: _Segment, seal: bytes) -> None:
        try:
            self._write_all(segment.descriptor, seal)
            self._disk.datasync(segment.descriptor)
        finally:
            self._close_quietly(segment.descriptor)

    def _advance(self, end, bodies, is_sync: bool) -> None:
        self._end = end
        if bodies:
            self._end_hlc = hlc_of(bodies[-1])
        if is_sync:
            self._synced, self._synced_hlc = self._end, self._end_hlc
            self._unsynced = []
            self.unsynced_bytes = 0
        else:
            self._unsynced += bodies
            self.unsynced_bytes += sum(map(len, bodies))

    def _write_all(self, descriptor: int, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            count = self._disk.write(descriptor, rest)
            if count <= 0:
                raise OSError("the file system wrote nothing")
            rest = rest[count:]

    def _remove_quietly(self, remove, path: str) -> None:
        """A full disk that is tried again and again must not fill with what nobody needs."""
        try:
            remove(path)
        except OSError:
            pass

    def _close_quietly(self, descriptor: int) -> None:
        try:
            self._disk.close(descriptor)
        except OSError:
            pass


def _place(file: str, end, **more) -> dict:
    return {"file": file, "last_sequence": end[0], "last_crc": "%08x" % end[1], **more}
