"""`localresponse verify outcomes`: prints each difference; 1 when there is one."""

from __future__ import annotations

import asyncio
import sys

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.outcomes.verification.nightly import Nightly


def run(database: Database, clock: Clock) -> int:
    """Check every authority of the database."""
    return asyncio.run(_run(database, clock))


async def _run(database: Database, clock: Clock) -> int:
    try:
        found = await Nightly(database, clock).run()
    finally:
        await asyncio.to_thread(database.close)
    for difference in found:
        sys.stdout.write(difference.line() + "\n")
    sys.stdout.write(f"outcomes: {len(found)} differences\n")
    return 1 if found else 0
