"""The Python writer against plain loops, in one run: ratios of neighbours, medians with the smallest and the largest.

    python3 test/bench/python/main.py [--quick] [--dir DIRECTORY]

- durable: N callers, each appends, waits for "durable" and appends again. Beside it a loop that writes N lines of the
  same size in one write and syncs: nothing encoded, nothing checked, nobody told.
- relaxed: appends that wait for nothing, with the flush at the end. Beside it json.dumps and open, append, close for
  each record, without a sync, as FineCode's own writer does it.

A file system in memory has no datasync to measure: give a directory on a disk. Nothing here passes or fails.
"""

import argparse
import asyncio
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../src/hook/finecode"))
from throughline_stream import Stream  # noqa: E402

FIELDS = {
    "wal_run_id": "01KAM8VJ6A0000000000000000",
    "action_name": "format",
    "env_name": "dev_workspace",
    "correlation_id": "01KAM8VJ5Q3Z9S0V4T6R8Y2XEX",
    "span_id": "53995c3f42cd8ad8",
    "parent_span_id": "00f067aa0ba902b7",
}
PAYLOAD = {"attempt": 1, "runner": "dev_workspace", "rpc": {"connection": "er-1", "id": 17}}
EVENT = "run.dispatched"


def line_of(root):
    """A record's bytes as they stand on disk."""
    stream = Stream("bench", root, project_path="/home/ada/project")
    stream.append(EVENT, PAYLOAD, **FIELDS).wait()
    stream.close()
    with open(os.path.join(stream.directory, "wal-000001.jsonl"), "rb") as file:
        return file.readlines()[1]


def bare(root, line, batch, seconds):
    """Records a second, and each flush's seconds."""
    descriptor = os.open(os.path.join(root, "bare-%d" % time.monotonic_ns()), os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    data, taken, end = line * batch, [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        started = time.perf_counter()
        os.write(descriptor, data)
        os.fdatasync(descriptor)
        taken.append(time.perf_counter() - started)
    os.close(descriptor)
    return batch / statistics.fmean(taken), taken


def in_threads(stream, callers, seconds):
    taken = [[] for _ in range(callers)]
    begun, end = time.perf_counter(), time.perf_counter() + seconds

    def caller(mine):
        while time.perf_counter() < end:
            started = time.perf_counter()
            stream.append(EVENT, PAYLOAD, **FIELDS).wait()
            mine.append(time.perf_counter() - started)

    threads = [threading.Thread(target=caller, args=(mine,)) for mine in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    passed = time.perf_counter() - begun
    every = [one for mine in taken for one in mine]
    return len(every) / passed, every


def on_loop(stream, callers, seconds):
    taken = []
    begun, end = time.perf_counter(), time.perf_counter() + seconds

    async def caller():
        while time.perf_counter() < end:
            started = time.perf_counter()
            await stream.append(EVENT, PAYLOAD, **FIELDS)
            taken.append(time.perf_counter() - started)

    async def callers_of():
        await asyncio.gather(*[caller() for _ in range(callers)])

    asyncio.run(callers_of())
    return len(taken) / (time.perf_counter() - begun), taken


def beside_busy(stream, callers, seconds):
    """While another thread computes: Python takes the interpreter away from it every five milliseconds."""
    is_over = threading.Event()

    def compute():
        while not is_over.is_set():
            sum(range(1000))

    busy = threading.Thread(target=compute)
    busy.start()
    try:
        return in_threads(stream, callers, seconds)
    finally:
        is_over.set()
        busy.join()


KINDS = {"threads": in_threads, "event loop": on_loop, "beside a busy thread": beside_busy}


def relaxed(root, count):
    stream = Stream("bench", root, project_path="/home/ada/project")
    started = time.perf_counter()
    for _ in range(count):
        stream.append(EVENT, PAYLOAD, durability="none", **FIELDS)
    stream.flush(60_000)
    passed = time.perf_counter() - started
    stream.close()
    return count / passed


def open_append_close(root, count):
    path = os.path.join(root, "plain-%d.jsonl" % time.monotonic_ns())
    record = {"schema_version": 2, "event_type": EVENT, "project_path": "/home/ada", "payload": PAYLOAD, **FIELDS}
    started = time.perf_counter()
    for count_so_far in range(count):
        text = json.dumps({**record, "sequence": count_so_far, "ts": time.time()}, default=str)
        with open(path, "a", encoding="utf-8") as file:
            file.write(text + "\n")
    return count / (time.perf_counter() - started)


def durable_round(root, line, callers, kind, seconds):
    """One sample of ours between two of the bare loop."""
    before, _ = bare(root, line, callers, seconds)
    stream = Stream("bench", root, project_path="/home/ada/project")
    stream.append(EVENT, PAYLOAD, **FIELDS).wait()
    rate, taken = KINDS[kind](stream, callers, seconds)
    flushes, late = stream.metrics()["flushes"], stream.metrics()["late"]
    stream.close()
    after, bare_taken = bare(root, line, callers, seconds)
    limit = (before * after) ** 0.5
    return {
        "rate": rate,
        "limit": limit,
        "ratio": rate / limit,
        "batch": len(taken) / flushes,
        "p50": statistics.median(taken) * 1000,
        "p99": sorted(taken)[int(len(taken) * 0.99)] * 1000,
        "bare_p50": statistics.median(bare_taken) * 1000,
        "late": late,
    }


def spread(values, digits=2):
    return "%.*f (%.*f to %.*f)" % (digits, statistics.median(values), digits, min(values), digits, max(values))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--dir")
    options = parser.parse_args()
    repeats, seconds, count = (3, 0.3, 5_000) if options.quick else (9, 1.0, 30_000)
    root = tempfile.mkdtemp(prefix="throughline-bench-", dir=options.dir)
    try:
        line = line_of(root)
        print("Python %s, %d bytes a record, load %.1f" % (platform.python_version(), len(line), os.getloadavg()[0]))
        print("| callers | of the bare loop | records/s | in one flush | p50 ms | p99 ms | bare p50 ms |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        kinds = [(1, "threads"), (8, "threads"), (64, "threads"), (1, "event loop"), (64, "event loop")]
        kinds.append((1, "beside a busy thread"))
        rounds = {kind: [] for kind in kinds}
        for _ in range(repeats):
            for callers, kind in kinds:
                rounds[callers, kind].append(durable_round(root, line, callers, kind, seconds))
        for (callers, kind), found in rounds.items():
            middle = {name: statistics.median(one[name] for one in found) for name in found[0]}
            print(
                "| %d, %s | %s | %.0f | %.1f | %.2f | %.2f | %.2f |"
                % (
                    callers,
                    kind,
                    spread([one["ratio"] for one in found]),
                    middle["rate"],
                    middle["batch"],
                    middle["p50"],
                    middle["p99"],
                    middle["bare_p50"],
                )
            )
        pairs = [(relaxed(root, count), open_append_close(root, count)) for _ in range(repeats)]
        print(
            "relaxed: %s of open, append, close; %.0f records/s, %.1f us each"
            % (
                spread([ours / theirs for ours, theirs in pairs]),
                statistics.median(ours for ours, _ in pairs),
                1e6 / statistics.median(ours for ours, _ in pairs),
            )
        )
    finally:
        shutil.rmtree(root)


main()
