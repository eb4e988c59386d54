"""A feed of a given size in a database, written past the sequencer, and the parts that serve it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from localresponse.client.items import line_of
from localresponse.client.tree import Frontier, leaf_hash
from sqlalchemy import Connection, insert

from services.chassis import migrations
from services.chassis.auth import Principal
from services.chassis.clock import SystemClock
from services.chassis.database import Database
from services.chassis.ids import derived_id
from services.chassis.pagination import PageTokens
from services.chassis.unit_of_work import Commands
from services.outcomes.agreements import storage
from services.outcomes.agreements.storage import Agreement, LawfulBasis, Terms
from services.outcomes.feeds import segments
from services.outcomes.feeds.collecting import ATTENDANCE
from services.outcomes.feeds.keys import FeedKeys
from services.outcomes.feeds.tables import FEED, FEED_ITEM
from services.outcomes.sharing import Sharing

TENANT = "E06000050"
EVALUATOR = Principal(TENANT, "evaluator", "evaluator")
FEED_ID = derived_id("bench", "feed")
_AT_ONCE = 20_000
_NOW = datetime(2026, 7, 20, 9, tzinfo=UTC)
_WINDOWS = ("1:baseline", "1:trigger", "1:follow_up_1")


class Council:
    """A database with one feed, and what serves it."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        clock = SystemClock()
        self.agreement = _agreement()
        self.sharing = Sharing(
            Commands(self.database, clock),
            self.database,
            tokens=PageTokens(b"p" * 32),
            clock=clock,
            keys=FeedKeys(b"f" * 32),
        )


@asynccontextmanager
async def council(url: str | None, items: int) -> AsyncIterator[Council]:
    """Open a council whose feed has so many items; without a URL, on SQLite."""
    with tempfile.TemporaryDirectory(prefix="localresponse-bench-") as folder:
        where = url or f"sqlite:///{Path(folder) / 'outcomes.db'}"
        await asyncio.to_thread(migrations.upgrade, where, "services.outcomes")
        found = Council(where)
        found.database.start()
        try:
            await _fill(found, items)
            yield found
        finally:
            await asyncio.to_thread(found.database.close)


async def _fill(council: Council, items: int) -> None:
    lines, peaks = _lines(items)

    def begin(connection: Connection) -> None:
        storage.add(connection, council.agreement)
        row = {"fact_number": 0, "size": items, "peaks": peaks, "retractions": 0}
        connection.execute(insert(FEED), {"tenant": TENANT, "id": FEED_ID, **row})

    await council.database.write(begin)
    for part in _parts(lines):
        await council.database.write(partial(_write, rows=part))
    while await council.database.write(partial(segments.seal, agreement=council.agreement)):
        pass


def _write(connection: Connection, rows: list[dict[str, Any]]) -> None:
    connection.execute(insert(FEED_ITEM), rows)


def _parts(lines: tuple[str, ...]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(lines), _AT_ONCE):
        yield [
            {
                "tenant": TENANT,
                "feed_id": FEED_ID,
                "feed_seq": seq,
                "subject": f"{seq // 3:032x}",
                "slot": f"{ATTENDANCE}|{_WINDOWS[seq % 3]}",
                "measure": ATTENDANCE,
                "period": "2025/26 HT2",
                "retracts": False,
                "recorded_at": _NOW,
                "line": line,
            }
            for seq, line in enumerate(lines[start : start + _AT_ONCE], start=start + 1)
        ]


@cache
def _lines(items: int) -> tuple[tuple[str, ...], bytes]:
    tree = Frontier()
    lines = tuple(_line(seq) for seq in range(1, items + 1))
    for line in lines:
        tree.append(leaf_hash(line.encode()))
    return lines, tree.stored()


def _line(seq: int) -> str:
    return line_of(
        {
            "feed_seq": seq,
            "op": "assert",
            "pseudonym": f"{seq // 3:032x}",
            "measure": ATTENDANCE,
            "window": _WINDOWS[seq % 3],
            "value": round((seq * 7919 % 1_000_003) / 1_000_003, 6),
            "symbol": "",
            "valid_from": "2025/26 HT1",
            "valid_to": "2025/26 HT2",
            "recorded_at": "2026-07-20T09:00:00Z",
            "supersedes": None,
            "basis": FEED_ID,
            "age_years": 11 + seq // 3 % 5,
            "phase": "secondary",
        }
    )


def _agreement() -> Agreement:
    terms = Terms(
        evaluator="bench",
        project="bench",
        subjects=(EVALUATOR.subject,),
        purpose="a benchmark of the feed",
        lawful_basis=LawfulBasis.PUBLIC_TASK,
        dpia_reference="none",
        measures=(ATTENDANCE,),
        fields=("age_years", "phase"),
    )
    return Agreement(
        id=FEED_ID,
        tenant=TENANT,
        terms=terms,
        first=date(2020, 1, 1),
        last=date(2099, 12, 31),
        created_at=_NOW,
        created_by="bench",
    )
