"""What a step of the slice needs to see: a refusal, a state that comes in time, a figure."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.chassis.errors import ServiceError
from services.demonstration.api import Json

T = TypeVar("T")
_DEADLINE_S = 60.0


class StepFailed(Exception):
    """What a step saw is not what it should have seen."""


async def refused(call: Awaitable[Json]) -> str:
    """Return the reason with which a call is refused.

    Raises:
        StepFailed: It was not refused.
    """
    try:
        await call
    except ServiceError as refusal:
        return refusal.reason
    raise StepFailed("a call that must be refused was not")


async def until(read: Callable[[], Awaitable[T]], enough: Callable[[T], bool]) -> T:
    """Read again until it is enough: events take their time.

    Raises:
        StepFailed: It was not enough within a minute.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + _DEADLINE_S
    while loop.time() < end:
        found = await read()
        if enough(found):
            return found
        await asyncio.sleep(0.05)
    raise StepFailed(f"still not there after {_DEADLINE_S:.0f} s")


def expect(found: object, wanted: object) -> None:
    """Do nothing when what was found is what was wanted.

    Raises:
        StepFailed: It is not.
    """
    if found != wanted:
        raise StepFailed(f"found {found!r} where {wanted!r} was expected")
