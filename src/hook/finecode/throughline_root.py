"""Where streams are, who this process is, and where the last stream of a role ended.

Only looks: nothing here creates, changes or locks anything, and nothing raises for what it cannot read.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import sys
import zlib

_WRITER = "-[0-7][0-9A-HJKMNP-TV-Z]{25}"
_SEGMENT = re.compile("wal-[0-9]{6,}[.]jsonl")
_LINE = re.compile(
    rb'\{"schema_version":2,"sequence":([1-9][0-9]{0,15}),"writer_id":"[^"]*","ts":.*,"hlc":"([0-9A-HJKMNP-TV-Z]{13})"'
    rb'(?:,"synced":([0-9]{1,16}))?,"prev":"[0-9a-f]{8}","crc":"([0-9a-f]{8})"\}'
)
_UNCHECKED_BYTES = 18
_TAIL_BYTES = (64 * 1024, 1024 * 1024, 16 * 1024 * 1024)
"""How much of a file's end is looked at, one after the other, until a record with `synced` is found."""
_STREAMS_MAX = 4
"""Names sort by the clocks of their writers, so the latest readings are in the last few with anything in them."""
_LOOKED_AT_MAX = 64
"""So many are looked at for these."""

# --- the root ----------------------------------------------------------------------------------------------------


def resolve_root(root=None, env=None, cwd=None, workspace=None) -> str:
    """The option, else THROUGHLINE_ROOT, else the nearest ancestor's `.throughline/` that is ours, else a directory of
    the workspace below XDG_STATE_HOME. Absolute. `workspace` is what the host serves; default: the nearest ancestor of
    the working directory with a `.git`, else that directory."""
    env = os.environ if env is None else env
    cwd = os.path.abspath(cwd or os.getcwd())
    given = root or env.get("THROUGHLINE_ROOT")
    if given:
        return _join(cwd, os.fspath(given))
    start = cwd if workspace is None else _join(cwd, os.fspath(workspace))
    ours = _nearest(start, lambda directory: _is_ours(os.path.join(directory, ".throughline")))
    if ours is not None:
        return os.path.join(ours, ".throughline")
    if workspace is None:
        start = _nearest(start, lambda directory: os.path.exists(os.path.join(directory, ".git"))) or start
    return os.path.join(_state_home(env), "throughline", _name_of(start))


def _join(directory: str, path: str) -> str:
    return os.path.normpath(os.path.join(directory, path))


def _nearest(directory: str, has) -> str | None:
    while not has(directory):
        parent = os.path.dirname(directory)
        if parent == directory:
            return None
        directory = parent
    return directory


def _is_ours(path: str) -> bool:
    """Somebody else's directory, or a link, could lead our records elsewhere."""
    try:
        found = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and (not hasattr(os, "getuid") or found.st_uid == os.getuid())


def _state_home(env) -> str:
    given = env.get("XDG_STATE_HOME")
    # The XDG specification: a relative path is to be ignored.
    if given and os.path.isabs(given):
        return os.path.normpath(given)
    home = env.get("HOME")
    if not home or not os.path.isabs(home):
        home = _account_home()
    return os.path.join(os.path.normpath(home), ".local", "state")


def _account_home() -> str:
    """Never relative, or records would be strewn over working directories."""
    try:
        import pwd

        home = pwd.getpwuid(os.getuid()).pw_dir
    except (ImportError, KeyError):
        home = os.path.expanduser("~")
    return home if os.path.isabs(home) else os.path.abspath(os.sep)


def _name_of(workspace: str) -> str:
    real = os.path.realpath(workspace) if os.path.exists(workspace) else workspace
    # As Node sees a name that is no UTF-8.
    real = os.fsencode(real).decode("utf-8", "replace")
    digest = hashlib.sha256(real.encode()).hexdigest()[:8]
    # One underscore for each UTF-16 unit, as in JavaScript.
    name = re.sub("[^0-9A-Za-z._-]", lambda one: "_" * (1 + (one.group() > "\uffff")), os.path.basename(real))
    return "%s-%s" % (name or "root", digest)


# --- who this process is -----------------------------------------------------------------------------------------


def identity() -> dict:
    """What `wal.opened` says of its writer; what cannot be had is absent."""
    found = {
        "pid": os.getpid(),
        "process_start": _process_start(),
        "boot_id": _matching("[0-9a-f-]{36}", _read("/proc/sys/kernel/random/boot_id")),
        "machine": _machine(),
        "pid_namespace": _link("/proc/self/ns/pid"),
        "host": _host(),
        "platform": _platform(),
        "python": "%d.%d.%d" % sys.version_info[:3],
    }
    return {name: value for name, value in found.items() if value is not None}


def _process_start() -> str | None:
    """In clock ticks since boot. The command's name is in parentheses and may hold anything, parentheses too."""
    fields = (_read("/proc/self/stat") or "").rpartition(")")[2].split()
    return _matching("[0-9]+", fields[19]) if len(fields) > 19 else None


def _machine() -> str | None:
    """The machine, without saying which."""
    machine_id = _read("/etc/machine-id") or _read("/var/lib/dbus/machine-id")
    if _matching("[0-9a-f]{32}", machine_id) is None:
        return None
    return hashlib.sha256(("throughline:" + machine_id).encode()).hexdigest()[:16]


def _host() -> str:
    if hasattr(os, "uname"):
        return os.uname().nodename
    import socket

    return socket.gethostname()


def _platform() -> str:
    """As Node spells it."""
    machine = os.uname().machine if hasattr(os, "uname") else os.environ.get("PROCESSOR_ARCHITECTURE", "").lower()
    arch = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(machine, machine)
    return "%s-%s" % (sys.platform, arch)


def _matching(pattern: str, text: str | None) -> str | None:
    return text if text is not None and re.fullmatch(pattern, text) else None


def _read(path: str) -> str | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        with open(path, encoding="latin-1") as file:
            return file.read().strip()
    except OSError:
        return None


def _link(path: str) -> str | None:
    try:
        return os.readlink(path) if sys.platform.startswith("linux") else None
    except OSError:
        return None


# --- the last stream of a role -----------------------------------------------------------------------------------


def last_of_role(root: str, role: str) -> tuple[dict | None, str | None]:
    """(`previous_stream` for the header, the latest reading of the clock), each None where there is none."""
    end = latest = None
    directory = os.path.join(root, "wal", role)
    count = 0
    writers = _listed(directory, re.compile(re.escape(role) + _WRITER), "is_dir")[-_LOOKED_AT_MAX:]
    for writer_id in reversed(writers):
        if count == _STREAMS_MAX:
            break
        tail = _tail_of(os.path.join(directory, writer_id))
        if tail is None:
            continue
        count += 1
        sequence, crc, hlc, synced = tail
        latest = max(latest or hlc, hlc)
        # What was durable by then must be there for ever; what was only written may be lost in a power cut.
        end = end or {"writer_id": writer_id, "last_sequence": sequence, "last_crc": crc, "synced": synced}
    return end, latest


def _tail_of(directory: str) -> tuple[int, str, str, int] | None:
    """Of the stream's last file with a record: a writer that was cut off may leave one without."""
    tails = (_tail(os.path.join(directory, name)) for name in reversed(_listed(directory, _SEGMENT, "is_file")))
    return next((tail for tail in tails if tail is not None), None)


def _listed(directory: str, pattern, kind: str) -> list[str]:
    try:
        with os.scandir(directory) as entries:
            return sorted(
                entry.name
                for entry in entries
                if pattern.fullmatch(entry.name) and getattr(entry, kind)(follow_symlinks=False)
            )
    except OSError:
        return []


def _tail(path: str) -> tuple[int, str, str, int] | None:
    """(sequence, crc, hlc, synced) of a file's last valid record, `synced` from the last record that has it."""
    try:
        with open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            for window in _TAIL_BYTES:
                file.seek(max(0, size - window))
                found = _last_record(file.read(window))
                if found is not None or window >= size:
                    return found
    except OSError:
        pass
    return None


def _last_record(content: bytes) -> tuple[int, str, str, int] | None:
    last = None
    # What stands behind the last newline was never acknowledged.
    for line in reversed(content.split(b"\n")[:-1]):
        match = _LINE.fullmatch(line)
        if match is None or zlib.crc32(line[:-_UNCHECKED_BYTES]) != int(match[4], 16):
            continue
        last = last or match
        if match[3] is not None:
            return int(last[1]), last[4].decode(), last[2].decode(), int(match[3])
    return None
