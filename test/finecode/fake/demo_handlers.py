"""The handlers of the fake: the same actions as the demo extension for the real one."""

import asyncio
import json
import os
import subprocess
import sys

_LOOK = (
    "import json, os, sys; print(json.dumps({'hook': hasattr(sys, '_throughline_finecode'),"
    " 'env': {k: v for k, v in os.environ.items() if k.startswith('THROUGHLINE') or k in"
    " ('PYTHONPATH', 'TRACEPARENT', 'TRACESTATE', 'BAGGAGE')}}))"
)


async def greet(payload, _context, _meta):
    return {"text": ["hello " + payload["name"]]}


async def nest(payload, context, meta):
    """Two nested runs at once, in another environment, and one streamed."""
    source = "demo_ext.GreetAction"
    calls = [
        context.run_in_project(source, {"name": payload["name"] + "-0"}, meta),
        context.run_in_project(source, {"name": payload["name"] + "-1"}, meta, token="er-" + payload["name"]),
        context.run_in_workspace(source, {"name": payload["name"] + "-2"}, meta),
    ]
    await asyncio.gather(*calls)
    return {"text": ["nested " + payload["name"]]}


async def slow(payload, _context, _meta):
    await asyncio.sleep(float(payload["name"]))
    return {"text": ["slept"]}


async def boom(_payload, _context, _meta):
    raise ValueError("boom: password=hunter2")


async def tool(_payload, _context, _meta):
    done = subprocess.run([sys.executable, "-c", _LOOK], capture_output=True, text=True, check=True)
    return {"text": [json.dumps(json.loads(done.stdout))]}


async def fork(payload, context, meta):
    """A forked child that writes to FineCode's WAL, as a pool of processes might."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            context.emit("handler.parts_started", payload["name"], "fork", meta, part_count=1)
            import throughline_finecode_runs

            stream = throughline_finecode_runs._streams["er"]
            stream.append("handler.started", {"handler": "in the child"}).wait()
            stream.close()
            code = 0
        finally:
            os._exit(code)
    _pid, status = os.waitpid(pid, 0)
    return {"text": [str(os.waitstatus_to_exitcode(status))]}


HANDLERS = {"greet": greet, "nest": nest, "slow": slow, "boom": boom, "tool": tool, "fork": fork}
ENVS = {"greet": "dev_no_runtime", "nest": "dev_workspace", "slow": "dev_no_runtime"}
