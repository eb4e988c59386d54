"""A feed of a given size, written past the sequencer, and the service that is asked for it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

import grpc
from localresponse.client.items import line_of
from localresponse.client.tree import Frontier, leaf_hash
from localresponse.outcomes.v1.feeds_service_pb2_grpc import FeedsServiceStub
from pydantic import SecretStr
from sqlalchemy import Connection, insert

from services.chassis import telemetry
from services.chassis.auth import Principal
from services.chassis.clock import SystemClock
from services.chassis.ids import derived_id
from services.chassis.keyfiles import kept_key
from services.chassis.pagination import PageTokens
from services.chassis.runtime import Running, running
from services.chassis.settings import Settings
from services.chassis.tokens import TokenKeys, TokenMinter
from services.outcomes import app as outcomes
from services.outcomes.agreements import storage
from services.outcomes.agreements.storage import Agreement, LawfulBasis, Terms
from services.outcomes.feeds import segments
from services.outcomes.feeds.collecting import ATTENDANCE
from services.outcomes.feeds.mapping import query_of
from services.outcomes.feeds.reading import EVERYTHING
from services.outcomes.feeds.tables import FEED, FEED_ITEM

TENANT = "E06000050"
EVALUATOR = Principal(TENANT, "evaluator", "evaluator")
FEED_ID = derived_id("bench", "feed")
_AT_ONCE = 20_000
_TOKEN_S = 60.0
_NOW = datetime(2026, 7, 20, 9, tzinfo=UTC)
_WINDOWS = ("1:baseline", "1:trigger", "1:follow_up_1")


class Council:
    """The outcomes service with one feed, called over its unix socket as an evaluator.

    Args:
        settings: Of the process.
        process: It, started.
        channel: To the service.
    """

    def __init__(self, settings: Settings, process: Running, channel: grpc.aio.Channel) -> None:
        self.database = process.services["outcomes"].database
        self.agreement = _agreement()
        self.feeds = FeedsServiceStub(channel)
        self._tokens = PageTokens(kept_key(settings.keys_dir / "pages"))
        self._minter = TokenMinter(TokenKeys(settings.tokens_dir), SystemClock())
        self._bearer, self._until = "", 0.0

    def cursor(self, seq: int) -> str:
        """Return the cursor after an item, as the service would have given it."""
        return self._tokens.encode(query_of(EVALUATOR, FEED_ID, EVERYTHING), {"seq": seq})

    def caller(self) -> tuple[tuple[str, str], ...]:
        """Return the metadata of a call; the token is made again each minute."""
        if time.monotonic() > self._until:
            self._bearer = f"Bearer {self._minter.mint(EVALUATOR, ('outcomes',))}"
            self._until = time.monotonic() + _TOKEN_S
        return (("authorization", self._bearer),)


@asynccontextmanager
async def council(url: str | None, items: int) -> AsyncIterator[Council]:
    """Serve a council whose feed has so many items; without a URL, on SQLite."""
    given: dict[str, Any] = {"outcomes_database_url": SecretStr(url)} if url else {}
    with tempfile.TemporaryDirectory(prefix="localresponse-bench-") as folder:
        settings = Settings(
            data_dir=Path(folder),
            gateway_port=0,
            operations_port=0,
            log_level="error",
            migrate_at_start=True,
            **given,
        )
        telemetry.configure_logging(settings.log_level)
        async with (
            running(settings, services=[outcomes.build]) as process,
            grpc.aio.insecure_channel(process.targets["outcomes"]) as channel,
        ):
            found = Council(settings, process, channel)
            await _fill(found, items)
            yield found


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
