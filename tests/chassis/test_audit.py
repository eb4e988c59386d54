from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, MetaData, select, text

from services.chassis import audit
from services.chassis.audit.chain import AUDIT, canonical
from services.chassis.auth import Principal, acting_as
from services.chassis.database import Database
from services.chassis.database.engines import writer_engine
from services.chassis.errors import FailedPrecondition, PermissionDenied, ServiceError
from services.chassis.ids import derived_id
from services.chassis.tables import add_to
from services.chassis.unit_of_work import Commands, UnitOfWork
from tests.support.clock import FakeClock
from tests.support.echo import message

HERE, ELSEWHERE = "E06000050", "E06000049"
ROWS = 20


def call(tenant: str = HERE) -> audit.AuditedCall:
    return audit.AuditedCall(
        Principal(tenant, "p-1", "practitioner"), "x.Y/Z", "x.do", "x.do/practitioner/own"
    )


async def write(database: Database, clock: FakeClock, *, tenant: str = HERE, rows: int = 1) -> None:
    entries = [audit.entry_of(call(tenant), clock.now()) for _ in range(rows)]

    def append(transaction: Any) -> None:
        for entry in entries:
            audit.append(transaction, entry)

    await database.transact(append)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    metadata = MetaData()
    add_to(metadata)
    engine = writer_engine(database_url)
    metadata.create_all(engine)
    engine.dispose()
    database = Database(database_url)
    database.start()
    yield database
    database.close()


async def findings(database: Database, *points: Any) -> list[str]:
    found = await database.read(lambda connection: audit.verify(connection, points))
    return [each.kind for each in found]


async def test_chains_hold_over_batches_and_authorities(
    database: Database, clock: FakeClock
) -> None:
    await write(database, clock, rows=3)
    await write(database, clock, tenant=ELSEWHERE, rows=2)
    await write(database, clock, rows=2)

    rows = await database.read(
        lambda connection: connection.execute(
            select(AUDIT.c.tenant, AUDIT.c.sequence).order_by(AUDIT.c.tenant, AUDIT.c.sequence)
        ).all()
    )

    assert await findings(database) == []
    assert [tuple(row) for row in rows] == [
        *((ELSEWHERE, n) for n in (1, 2)),
        *((HERE, n) for n in range(1, 6)),
    ]


def _flip(connection: Connection, at: int) -> None:
    row = connection.execute(select(AUDIT).where(AUDIT.c.sequence == at)).one()
    place = random.Random(at).randrange(len(row.body))
    other = "x" if row.body[place] != "x" else "y"
    body = row.body[:place] + other + row.body[place + 1 :]
    connection.execute(AUDIT.update().where(AUDIT.c.sequence == at).values(body=body))


def _delete(connection: Connection, at: int) -> None:
    connection.execute(AUDIT.delete().where(AUDIT.c.sequence == at))


def _reorder(connection: Connection, at: int) -> None:
    for old, new in ((at, 0), (at + 1, at), (0, at + 1)):
        connection.execute(AUDIT.update().where(AUDIT.c.sequence == old).values(sequence=new))


def _truncate(connection: Connection, at: int) -> None:
    connection.execute(AUDIT.delete().where(AUDIT.c.sequence >= at))


@pytest.mark.parametrize("tamper", [_flip, _delete, _reorder, _truncate])
@pytest.mark.parametrize("at", [1, ROWS // 2, ROWS - 1])
async def test_tampering_is_found(
    database: Database,
    clock: FakeClock,
    tmp_path: Path,
    tamper: Callable[[Connection, int], None],
    at: int,
) -> None:
    await write(database, clock, rows=ROWS)
    points = audit.Checkpoints(tmp_path / "audit", tmp_path / "keys", "echo")
    await database.read(lambda connection: points.write(connection, clock.now()))
    assert await findings(database, *points.read()) == []

    await database.write(lambda connection: tamper(connection, at))

    assert await findings(database, *points.read()) != []


async def test_a_chain_that_was_written_again_as_a_whole_is_found(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    await write(database, clock, rows=3)
    points = audit.Checkpoints(tmp_path / "audit", tmp_path / "keys", "echo")
    await database.read(lambda connection: points.write(connection, clock.now()))

    await database.write(lambda connection: _truncate(connection, 1))
    clock.advance(seconds=1)
    await write(database, clock, rows=3)

    assert await findings(database) == []
    assert await findings(database, *points.read()) == ["rewritten"]


async def test_checkpoints_are_signed_and_written_only_for_what_grew(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    points = audit.Checkpoints(tmp_path / "audit", tmp_path / "keys", "echo")

    async def sign() -> int:
        return await database.read(lambda connection: points.write(connection, clock.now()))

    assert await sign() == 0
    await write(database, clock)
    assert (await sign(), await sign()) == (1, 0)
    path = tmp_path / "audit" / "echo.jsonl"
    path.write_text(path.read_text().replace('"sequence": 1', '"sequence": 2'))
    with pytest.raises(ValueError, match="line 1"):
        points.read()


@pytest.mark.parametrize(
    ("word", "outcome", "reason"),
    [("yes", "allowed", ""), ("no", "refused", "WRONG_STATE"), ("never", "denied", "NOT_YOURS")],
)
async def test_a_command_and_its_audit_row_are_one_commit(
    database: Database, clock: FakeClock, word: str, outcome: str, reason: str
) -> None:
    commands, served = Commands(database, clock), call()
    request = message("SayRequest", text=word, request_id=derived_id(word))
    errors = {"no": FailedPrecondition("no"), "never": NotYours("not yours", rule="x.do/other")}

    def work(_unit: UnitOfWork) -> Any:
        if word in errors:
            raise errors[word]
        return message("Said", text=word)

    async def serve() -> None:
        audit.enter(served)
        with acting_as(served.principal), contextlib.suppress(ServiceError):
            await commands.run(request, type(message("Said")), work)

    # Each rpc has a task of its own; the second is the same command again.
    await asyncio.create_task(serve())
    await asyncio.create_task(serve())
    bodies = await database.read(
        lambda connection: (
            connection.execute(text("SELECT body FROM audit ORDER BY sequence")).scalars().all()
        )
    )

    assert served.recorded
    assert [f'"outcome":"{outcome}"' in body for body in bodies] == [True, True]
    assert [f'"reason":"{reason}"' in body for body in bodies] == [True, True]


class NotYours(PermissionDenied):
    reason = "NOT_YOURS"


@given(
    st.dictionaries(
        st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1),
        st.text() | st.integers(-(2**53) + 1, 2**53 - 1),
    )
)
def test_our_canonical_text_is_that_of_rfc_8785(content: dict[str, Any]) -> None:
    assert canonical(content).encode() == rfc8785.dumps(content)
