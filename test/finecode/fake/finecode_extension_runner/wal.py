"""The one way into a WAL, for the WM and for runners."""

import datetime
import json
import os
import pathlib


class WalWriter:
    def __init__(self, dir_path, prefix):
        pathlib.Path(dir_path).mkdir(parents=True, exist_ok=True)
        self._path = pathlib.Path(dir_path) / "wal-000001.jsonl"
        self._writer_id = "%s-%d-%d" % (prefix, os.getpid(), datetime.datetime.now().timestamp())
        self._sequence = 0

    def append(
        self,
        *,
        event_type,
        project_path,
        wal_run_id=None,
        action_name=None,
        trigger=None,
        dev_env=None,
        env_name=None,
        payload=None,
    ):
        self._sequence += 1
        event = {
            "schema_version": 2,
            "sequence": self._sequence,
            "ts": datetime.datetime.now(datetime.timezone.utc).isoformat(),
            "event_type": event_type,
            "project_path": project_path,
            "writer_id": self._writer_id,
            "payload": payload or {},
        }
        more = {"wal_run_id": wal_run_id, "action_name": action_name, "trigger": trigger, "dev_env": dev_env}
        event.update((name, value) for name, value in more.items() if value is not None)
        with self._path.open("a", encoding="utf-8") as handle:
            handle.write(json.dumps(event, ensure_ascii=True, default=str) + "\n")
