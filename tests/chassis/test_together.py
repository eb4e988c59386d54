"""Statements that go together give what each would give alone, and fail as Core says it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    MetaData,
    Table,
    Text,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from services.chassis.database import Database, Transaction
from services.chassis.database.bulk import inserting, merged
from services.chassis.database.engines import writer_engine
from services.chassis.database.together import Statement, one_of, together
from services.chassis.errors import FailedPrecondition
from services.chassis.tables import UtcDateTime

METADATA = MetaData()
TAKEN = Table(
    "taken",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("pence", BigInteger, CheckConstraint("pence >= 0"), nullable=False),
    Column("at", UtcDateTime),
)
AT = datetime(2026, 3, 29, 0, 59, 59, 123456, tzinfo=UTC)
NAMED = Statement(
    lambda dialect: select(TAKEN).where(one_of(dialect, TAKEN.c.name, "names")).order_by("name")
)
ADD = Statement(
    update(TAKEN)
    .where(TAKEN.c.name == bindparam("of"))
    .values(pence=TAKEN.c.pence + bindparam("more"))
)
FIRST = Statement(select(TAKEN.c.name, TAKEN.c.at).order_by(TAKEN.c.name).limit(1))


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = writer_engine(database_url)
    METADATA.create_all(engine)
    with engine.connect() as opened, opened.begin():
        rows = [{"name": name, "pence": 5, "at": AT} for name in "abc"]
        opened.execute(insert(TAKEN), rows)
        yield opened
    engine.dispose()


def test_each_gives_what_it_gives_alone(connection: Connection) -> None:
    steps = [
        ADD.asked(of="a", more=2),
        ADD.asked(of="nobody", more=2),
        NAMED.asked(names=("a", "c", "z")),
        FIRST.asked(),
    ]

    added, missed, named, first = together(connection, steps)

    assert (added.size, missed.size, named.size) == (1, 0, 2)
    assert [(row.name, row.pence, row.at) for row in named.rows] == [("a", 7, AT), ("c", 5, AT)]
    assert first.rows[0].at == AT
    assert first.rows[0].at.utcoffset() == AT.utcoffset()
    assert together(connection, []) == []


def test_a_refusal_is_told_as_core_tells_it(connection: Connection) -> None:
    with pytest.raises(IntegrityError):
        together(connection, [FIRST.asked(), ADD.asked(of="a", more=-6), FIRST.asked()])


def test_what_is_inserted_goes_in_one_step_at_the_end(connection: Connection) -> None:
    def row(name: str) -> dict[str, Any]:
        return {"name": name, "pence": 1, "at": None}

    steps = merged(
        [
            *inserting((TAKEN, [row("d")])),
            ADD.asked(of="a", more=1),
            *inserting((TAKEN, []), (TAKEN, [row("e"), row("f")])),
        ]
    )

    together(connection, steps)

    assert len(steps) == 2
    found = together(connection, [NAMED.asked(names=("a", "d", "e", "f"))])[0].rows
    assert [(each.name, each.pence) for each in found] == [("a", 6), ("d", 1), ("e", 1), ("f", 1)]


async def test_a_batch_asks_once_for_what_its_commands_say_ahead(database_url: str) -> None:
    engine = writer_engine(database_url)
    METADATA.create_all(engine)
    engine.dispose()
    database = Database(database_url)
    database.start()
    seen: list[int] = []

    def add(transaction: Transaction, name: str) -> int:
        found = transaction.rows(NAMED.asked(names=("a", "b")))
        transaction.connection.execute(insert(TAKEN), {"name": name, "pence": 0, "at": AT})
        seen.append(id(transaction.found))
        if name == "a":
            transaction.found.clear()
        return len(found)

    ahead = (NAMED.asked(names=("a", "b")),)
    submitted = (
        database.lane.submit(lambda transaction, name=name: add(transaction, name), ahead=ahead)  # type: ignore[misc]
        for name in ("x", "a", "b", "y")
    )
    try:
        # What was read ahead stays until a command says that it has changed it.
        assert await asyncio.gather(*submitted) == [0, 0, 1, 1]
    finally:
        database.close()
    assert len(set(seen)) == 1


async def test_what_a_refused_command_wrote_is_not_read_by_the_next(database_url: str) -> None:
    engine = writer_engine(database_url)
    METADATA.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(TAKEN), {"name": "a", "pence": 5, "at": AT})
    engine.dispose()
    database = Database(database_url)
    database.start()

    def read(transaction: Transaction) -> int:
        assert transaction.memory.get("it") is None
        pence: int = transaction.rows(NAMED.asked(names=("a",)))[0].pence
        return pence

    def refused(transaction: Transaction) -> int:
        together(transaction.connection, [ADD.asked(of="a", more=7)])
        assert read(transaction) == 12
        transaction.memory["it"] = "moved money"
        raise FailedPrecondition("it may not")

    try:
        outcomes = await asyncio.gather(
            database.lane.submit(refused), database.lane.submit(read), return_exceptions=True
        )
    finally:
        database.close()
    assert isinstance(outcomes[0], FailedPrecondition)
    assert outcomes[1] == 5
