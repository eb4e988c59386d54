"""A task that swallows a cancellation ends all the same."""

from __future__ import annotations

import asyncio
import contextlib

from services.chassis.ending import end


async def test_a_task_that_swallows_its_first_cancellation_is_ended() -> None:
    swallowed = 0

    async def stubborn() -> None:
        nonlocal swallowed
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        swallowed += 1
        await asyncio.Event().wait()

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)

    await end([task])

    assert task.cancelled()
    assert swallowed == 1


async def test_a_task_that_ended_by_an_error_keeps_it() -> None:
    async def broken() -> None:
        raise ValueError("its own")

    task = asyncio.create_task(broken())
    await asyncio.wait([task])

    await end([task])

    assert isinstance(task.exception(), ValueError)
