"""The most that any service can answer here: our request and an answer of its size, and no work.

The server is grpc.aio on uvloop in a process of its own, as ours is; it reads nothing, checks
nothing and writes nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import uvloop

from bench.submit_load import RPC
from tests.support.stack import ROOT
from tests.support.waiting import until

_ANSWER = b"x" * 1_000


@contextlib.asynccontextmanager
async def bare_rpc(folder: Path) -> AsyncIterator[str]:
    """Run the server for the length of a block and give its target."""
    socket = folder / "bare.sock"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.references.bare_rpc", f"unix:{socket}"), cwd=ROOT
    )
    try:
        await until(socket.exists, within_s=20, what="the bare server is there")
        yield f"unix:{socket}"
    finally:
        process.terminate()
        await process.wait()


async def _main(target: str) -> None:
    async def answer(_request: bytes, _context: Any) -> bytes:
        return _ANSWER

    _, service, method = RPC.split("/")
    handlers: dict[str, Any] = {method: grpc.unary_unary_rpc_method_handler(answer)}
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
    server.add_insecure_port(target)
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    uvloop.run(_main(sys.argv[1]))
