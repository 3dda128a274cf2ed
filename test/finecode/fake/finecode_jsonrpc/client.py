"""The WM's side of the connection to a runner."""

import asyncio
import contextlib
import uuid

from finecode_jsonrpc.framing import read_message, write_message


class JsonRpcError(Exception):
    def __init__(self, error):
        super().__init__(error["message"])
        self.code, self.message = error["code"], error["message"]


class ServerStoppedError(Exception):
    pass


class RequestCancelledError(asyncio.CancelledError):
    def __init__(self, request_id):
        super().__init__()
        self.request_id = request_id


class Params:
    def __init__(self, members):
        self.__dict__.update(members)


class JsonRpcClient:
    def __init__(self, readable_id, tracing=None):
        self.readable_id = readable_id
        self.feature_impls = {}
        self._tracing = tracing
        self._futures = {}
        self._writer = None
        self.on_exit = None

    def feature(self, name, impl):
        self.feature_impls[name] = impl

    async def connect(self, port):
        reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
        # As FineCode's: whoever connects first leaves its context to whatever is received.
        self._task = asyncio.create_task(self._receive(reader))

    async def _receive(self, reader):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while (message := await read_message(reader)) is not None:
                self._handle(message)
        for future in self._futures.values():
            if not future.done():
                future.set_exception(ServerStoppedError("Server was stopped before getting the response"))
        if self.on_exit:
            self.on_exit()

    def _handle(self, message):
        if "method" not in message:
            future = self._futures.pop(message["id"], None)
            if future is not None and not future.done():
                if "error" in message:
                    future.set_exception(JsonRpcError(message["error"]))
                else:
                    future.set_result(message["result"])
        elif "id" in message:
            impl = self.feature_impls[message["method"]]
            asyncio.create_task(self.run_feature_impl(message["id"], impl(Params(message["params"]))))
        elif message["method"] in self.feature_impls:
            asyncio.create_task(self.feature_impls[message["method"]](Params(message["params"])))

    async def run_feature_impl(self, message_id, impl_coro):
        try:
            answer = {"result": await impl_coro}
        except Exception as error:
            answer = {"error": {"code": -32603, "message": str(error)}}
        write_message(self._writer, {"jsonrpc": "2.0", "id": message_id, **answer})

    def notify(self, method, params):
        write_message(self._writer, {"jsonrpc": "2.0", "method": method, "params": params})

    async def send_request(self, method, params):
        message = {"jsonrpc": "2.0", "id": str(uuid.uuid4()), "method": method, "params": params}
        with self._tracing.client_span(method) if self._tracing else contextlib.nullcontext():
            traceparent = self._tracing.get_traceparent() if self._tracing else None
            if traceparent is not None:
                message["_meta"] = {"traceparent": traceparent}
            future = asyncio.get_running_loop().create_future()
            self._futures[message["id"]] = future
            write_message(self._writer, message)
            try:
                return await future
            except asyncio.CancelledError as error:
                raise RequestCancelledError(message["id"]) from error
