"""Ending tasks for good: a library may swallow a cancellation, and then it must be said again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

_AGAIN_S = 0.5


async def end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks until each has ended; what they raised is theirs.

    On Python 3.11 `asyncio.wait_for`, which nats-py uses, can turn a cancellation that comes
    together with its result into nothing, so one `cancel()` is not always enough.
    """
    every = list(tasks)
    pending = {task for task in every if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_AGAIN_S)
    # Looked at, so that nobody is warned of an error that was dealt with.
    await asyncio.gather(*every, return_exceptions=True)
