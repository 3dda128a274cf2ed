"""The serving side: a runner, and the frontends that speak LSP and MCP."""

import asyncio
import contextlib

from finecode_jsonrpc.framing import read_message, write_message


class JsonRpcHandlerError(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code, self.message = code, message


class JsonRpcServerSession:
    def __init__(self, tracing=None):
        self._tracing = tracing
        self._handlers = {}
        self._active = {}
        self._futures = {}
        self._next_id = 0
        self._writer = None

    def on_request(self, method, handler):
        self._handlers[method] = handler

    async def serve(self, reader, writer):
        self._writer = writer
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while (message := await read_message(reader)) is not None:
                if "method" not in message:
                    future = self._futures.pop(message["id"])
                    if "error" in message:
                        future.set_exception(RuntimeError(message["error"]["message"]))
                    else:
                        future.set_result(message["result"])
                elif message["method"] == "$/cancelRequest":
                    task = self._active.pop(message["params"]["id"], None)
                    if task is not None:
                        task.cancel()
                elif "id" in message:
                    asyncio.create_task(self._execute_request(message))
        for task in list(self._active.values()):
            task.cancel()

    async def send_request(self, method, params=None):
        self._next_id += 1
        future = self._futures[self._next_id] = asyncio.get_running_loop().create_future()
        self.send({"jsonrpc": "2.0", "id": self._next_id, "method": method, "params": params})
        return await future

    def send(self, message):
        write_message(self._writer, message)

    async def _execute_request(self, message):
        method, msg_id = message["method"], message["id"]
        traceparent = (message.get("_meta") or {}).get("traceparent")
        self._active[msg_id] = asyncio.current_task()
        with self._tracing.server_span(method, traceparent) if self._tracing else contextlib.nullcontext():
            try:
                answer = {"result": await self._handlers[method](message.get("params"))}
            except asyncio.CancelledError:
                answer = {"error": {"code": -32800, "message": "Request cancelled"}}
            except JsonRpcHandlerError as error:
                answer = {"error": {"code": error.code, "message": error.message}}
            except Exception as error:
                answer = {"error": {"code": -32603, "message": str(error)}}
            finally:
                self._active.pop(msg_id, None)
            self.send({"jsonrpc": "2.0", "id": msg_id, **answer})
