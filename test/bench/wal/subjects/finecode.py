"""FineCode's WAL writer under the usual load: one `append` for each event, without a sync.

    python3 finecode.py DIRECTORY SECONDS

The real one, if FINECODE_WAL names its file (finecode_extension_runner/src/finecode_extension_runner/wal.py of a
checkout); else what it does for an event, step by step, in `Pattern`. Prints "events seconds".
"""
import datetime
import importlib.util
import json
import os
import pathlib
import sys
import threading
import time


class Pattern:
    """A lock; is the directory there, is the file there, how large is it; open, write, write, close."""

    def __init__(self, directory):
        self._lock = threading.Lock()
        self._directory = directory
        self._segment = 1
        self._path = self._name()
        self._sequence = 0
        self._writer_id = "wm-%d-%d" % (os.getpid(), time.time())

    def append(self, *, event_type, project_path, payload, **fields):
        with self._lock:
            self._directory.mkdir(parents=True, exist_ok=True)
            if self._path.exists() and self._path.stat().st_size >= 1048576:
                self._segment += 1
                self._path = self._name()
                for path in sorted(self._directory.glob("wal-*.jsonl"))[:-20]:
                    path.unlink(missing_ok=True)
            self._sequence += 1
            event = {
                "schema_version": 2,
                "sequence": self._sequence,
                "ts": datetime.datetime.now(datetime.timezone.utc).isoformat(),
                "event_type": event_type,
                "project_path": project_path,
                "writer_id": self._writer_id,
                "payload": payload,
            }
            for name, value in fields.items():
                if value is not None:
                    event[name] = value
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(event, ensure_ascii=True, default=str))
                file.write("\n")

    def _name(self):
        return self._directory / ("wal-%06d.jsonl" % self._segment)


def real(path, directory):
    spec = importlib.util.spec_from_file_location("finecode_wal", path)
    module = importlib.util.module_from_spec(spec)
    # Its dataclass looks for its module there.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.WalWriter(
        module.WalConfig(enabled=True, dir_path=directory, writer_id_prefix="wm")
    )


directory, seconds = pathlib.Path(sys.argv[1]), float(sys.argv[2])
source = os.environ.get("FINECODE_WAL")
writer = real(source, directory) if source else Pattern(directory)
count = 0
start = time.perf_counter()
while True:
    count += 1
    writer.append(
        event_type="run.dispatched",
        project_path="/home/user/projects/example",
        payload={"attempt": 1, "runner": "python", "rpc": {"connection": 7, "id": count}},
        wal_run_id="01KAKV3M9000ZPT3QWX5C7D8E0",
        action_name="lint",
        trigger="user",
        dev_env="ide",
        env_name="dev_no_runtime",
    )
    if time.perf_counter() - start >= seconds:
        break
print(count, time.perf_counter() - start, flush=True)
