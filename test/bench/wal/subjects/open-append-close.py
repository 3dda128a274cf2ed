"""The usual Python event log: for each event one open, one write, one close, and no sync.

    python3 open-append-close.py DIRECTORY SECONDS [--say]

Prints "events seconds"; with --say the number of each event after it was written.
"""
import datetime
import json
import os
import sys
import time

directory, seconds = sys.argv[1], float(sys.argv[2])
says = "--say" in sys.argv
path = os.path.join(directory, "wal-000001.jsonl")
writer_id = "wm-%d-%d" % (os.getpid(), time.time())


def append(sequence):
    event = {
        "schema_version": 2,
        "sequence": sequence,
        "ts": datetime.datetime.now(datetime.timezone.utc).isoformat(),
        "writer_id": writer_id,
        "event_type": "run.dispatched",
        "project_path": "/home/user/projects/example",
        "payload": {"attempt": 1, "runner": "python", "rpc": {"connection": 7, "id": sequence}},
        "wal_run_id": "01KAKV3M9000ZPT3QWX5C7D8E0",
        "action_name": "lint",
        "trigger": "user",
        "dev_env": "ide",
        "env_name": "dev_no_runtime",
        "correlation_id": "01KAKV3M8000ZPT3QWX5C7D8F0",
        "span_id": "7c0f2b91d4000000",
        "parent_span_id": "5e83aa10b6000000",
    }
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(event, separators=(",", ":")))
        file.write("\n")


count = 0
start = time.perf_counter()
while True:
    count += 1
    append(count)
    if says:
        print(count, flush=True)
    if time.perf_counter() - start >= seconds:
        break
print(count, time.perf_counter() - start, flush=True)
