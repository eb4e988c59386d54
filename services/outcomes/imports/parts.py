"""What a published file holds, recorded a part at a time, so that no write waits for all of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from services.chassis.auth import Principal
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.unit_of_work import Commands, UnitOfWork

T = TypeVar("T")
R = TypeVar("R")


def parts_of(every: Sequence[T], size: int) -> list[Sequence[T]]:
    """Return the whole in parts of a size, in order; the last may be smaller."""
    return [every[start : start + size] for start in range(0, len(every), size)]


async def record_parts(
    database: Database,
    clock: Clock,
    *,
    tenant: str,
    parts: Sequence[Sequence[T]],
    record: Callable[[UnitOfWork, Sequence[T]], R],
) -> list[R]:
    """Record each part in a write of its own, as the system, and return what each came to.

    Args:
        database: Opened, and closed at the end.
        clock: Says when.
        tenant: The authority that they are recorded for.
        parts: What to record.
        record: The command.
    """
    commands, who = Commands(database, clock), Principal.system(tenant)
    database.start()
    try:
        return [await commands.apply(who, partial(_record_part, record, part)) for part in parts]
    finally:
        await asyncio.to_thread(database.close)


def _record_part(
    record: Callable[[UnitOfWork, Sequence[T]], R], part: Sequence[T], work: UnitOfWork
) -> R:
    return record(work, part)
