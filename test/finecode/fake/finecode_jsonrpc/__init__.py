from finecode_jsonrpc.client import JsonRpcClient, JsonRpcError, RequestCancelledError, ServerStoppedError
from finecode_jsonrpc.framing import read_message, write_message
from finecode_jsonrpc.jsonrpc_server import JsonRpcHandlerError, JsonRpcServerSession

REQUEST_CANCELLED = -32800
__all__ = [
    "JsonRpcClient",
    "JsonRpcError",
    "JsonRpcHandlerError",
    "JsonRpcServerSession",
    "REQUEST_CANCELLED",
    "RequestCancelledError",
    "ServerStoppedError",
    "read_message",
    "write_message",
]
