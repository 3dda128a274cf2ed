"""How frontends speak to the WM."""

import asyncio

from finecode_jsonrpc import read_message, write_message


class ApiClient:
    async def connect(self, port, client_id=None):
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
        self._id, self._pending = 0, {}
        self._task = asyncio.create_task(self._read())
        if client_id is not None:
            await self.request("client/initialize", {"clientId": client_id})

    async def request(self, method, params=None):
        self._id += 1
        from finecode import telemetry

        params = dict(params or {})
        traceparent = telemetry.get_current_traceparent()
        if traceparent is not None:
            params["_traceparent"] = traceparent
        future = self._pending[self._id] = asyncio.get_running_loop().create_future()
        write_message(self._writer, {"jsonrpc": "2.0", "id": self._id, "method": method, "params": params})
        answer = await future
        if "error" in answer:
            raise RuntimeError(answer["error"]["message"])
        return answer["result"]

    async def _read(self):
        while (message := await read_message(self._reader)) is not None:
            if "id" in message:
                self._pending.pop(message["id"]).set_result(message)

    def close(self):
        self._writer.close()
