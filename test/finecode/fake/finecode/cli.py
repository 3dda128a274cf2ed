"""The command line: the workspace manager, and the three frontends."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time


def start_wm_server(port_file, with_wal):
    from finecode.wm_server import wm_server

    asyncio.run(wm_server.start_standalone(port_file, with_wal))


def _own_server():
    port_file = os.path.join(tempfile.mkdtemp(), "port")
    command = [sys.executable, "-m", "finecode", "start-wm-server", "--port-file", port_file, "--wal"]
    process = subprocess.Popen(command)
    deadline = time.monotonic() + 20
    while not os.path.exists(port_file):
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit("the WM did not start")
        time.sleep(0.01)
    with open(port_file, encoding="utf-8") as file:
        return process, int(file.read())


async def _connected(port, client_id):
    from finecode.wm_client import ApiClient

    client = ApiClient()
    await client.connect(port, client_id)
    return client


async def _run(actions, payload):
    process, port = _own_server()
    client = await _connected(port, None)
    await client.request("workspace/addDir", {"dirPath": os.getcwd()})
    sources = ["demo_ext.%sAction" % name.capitalize() for name in actions]
    options = {"trigger": "user", "devEnv": "cli"}
    params = {"actionSources": sources, "params": payload, "partialResultToken": "cli", "options": options}
    print(json.dumps(await client.request("actions/runBatch", params)))
    client.close()
    process.terminate()
    process.wait()


async def _front(port, kind):
    """LSP and MCP alike: requests on stdin, an `actions/run` for each tool call or diagnostic."""
    from finecode_jsonrpc import JsonRpcServerSession

    client = await _connected(port, "lsp" if kind == "lsp" else "mcp-agent")
    session = JsonRpcServerSession()

    async def ask(params):
        name = params.get("arguments", params)["name"]
        options = {"trigger": "user", "devEnv": "ide" if kind == "lsp" else "ai"}
        request = {"actionSource": "demo_ext.GreetAction", "project": os.getcwd(), "params": {"name": name}}
        more = {"partialResultToken": "%s-%s" % (kind, name)} if kind == "mcp" else {}
        return await client.request("actions/run", {**request, **more, "options": options})

    session.on_request("textDocument/diagnostic", ask)
    session.on_request("tools/call", ask)
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, sys.stdout)
    await session.serve(reader, asyncio.StreamWriter(transport, protocol, None, loop))


def main():
    command, *args = sys.argv[1:]
    if command == "start-wm-server":
        start_wm_server(args[args.index("--port-file") + 1], "--wal" in args)
    elif command == "run":
        actions = [one for one in args if not one.startswith("-")]
        payload = dict(one[2:].split("=", 1) for one in args if "=" in one)
        asyncio.run(_run(actions, payload))
    elif command in ("start-lsp", "start-mcp"):
        asyncio.run(_front(int(os.environ["FAKE_WM_PORT"]), command[6:]))


if __name__ == "__main__":
    main()
