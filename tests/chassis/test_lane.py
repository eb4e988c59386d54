"""The write lane: one commit for many, and nobody pays for another's mistake."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    select,
    text,
    update,
)

from services.chassis.database import Database, Transaction
from services.chassis.database.bulk import inserter
from services.chassis.database.engines import writer_engine
from services.chassis.database.together import Statement, together
from services.chassis.errors import FailedPrecondition
from tests.support.databases import POSTGRESQL, Databases

METADATA = MetaData()
POT = Table(
    "pot",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("available", BigInteger, CheckConstraint("available >= 0"), nullable=False),
)
SPENT = Table("spent", METADATA, Column("id", Integer, primary_key=True))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    engine = writer_engine(database_url)
    METADATA.create_all(engine)
    with engine.begin() as connection:
        connection.execute(POT.insert(), {"id": 1, "available": 100})
    engine.dispose()
    opened = Database(database_url)
    opened.start()
    yield opened
    opened.close()


def take(connection: Connection, pence: int) -> int:
    guarded = (
        update(POT)
        .where(POT.c.available >= pence)
        .values(available=POT.c.available - pence)
        .returning(POT.c.available)
    )
    left = connection.execute(guarded).scalar()
    if left is None:
        raise FailedPrecondition("the pot is spent")
    return int(left)


async def available(database: Database) -> int:
    return int(await database.read(lambda c: c.execute(select(POT.c.available)).scalar_one()))


async def test_of_two_hundred_callers_with_room_for_one_hundred_exactly_one_hundred_succeed(
    database: Database,
) -> None:
    outcomes = await asyncio.gather(
        *(database.write(lambda connection: take(connection, 1)) for _ in range(200)),
        return_exceptions=True,
    )

    assert sum(isinstance(outcome, int) for outcome in outcomes) == 100
    assert await available(database) == 0


async def test_a_refusal_undoes_only_its_own_command(database: Database) -> None:
    def take_then_refuse(connection: Connection) -> int:
        take(connection, 50)
        raise FailedPrecondition("changed my mind")

    outcomes = await asyncio.gather(
        database.write(lambda connection: take(connection, 1)),
        database.write(take_then_refuse),
        database.write(lambda connection: take(connection, 2)),
        return_exceptions=True,
    )

    assert [type(outcome) for outcome in outcomes] == [int, FailedPrecondition, int]
    assert await available(database) == 97


async def test_a_poison_row_fails_alone_although_it_is_written_with_the_others(
    database: Database,
) -> None:
    def spend(number: int) -> object:
        def work(transaction: Transaction) -> int:
            transaction.later(inserter(SPENT), {"id": number})
            return number

        return database.transact(work)

    outcomes = await asyncio.gather(
        *(spend(number) for number in (1, 2, 3, 3, 4, 5)),  # type: ignore[call-overload] # coroutines
        return_exceptions=True,
    )
    stored = await database.read(lambda c: c.execute(select(SPENT.c.id)).scalars().all())

    assert sorted(stored) == [1, 2, 3, 4, 5]
    assert sum(isinstance(outcome, Exception) for outcome in outcomes) == 1


async def test_rows_of_a_refused_command_are_not_written(database: Database) -> None:
    def work(transaction: Transaction) -> None:
        transaction.later(inserter(SPENT), {"id": 9})
        raise FailedPrecondition("no")

    with pytest.raises(FailedPrecondition):
        await database.transact(work)

    assert await database.read(lambda c: c.execute(select(SPENT.c.id)).all()) == []


async def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(Exception, match=r"readonly|read-only|does not answer"):
        await database.read(lambda connection: take(connection, 1))

    assert await available(database) == 100


async def test_an_error_of_ours_reaches_its_caller_and_the_lane_goes_on(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        await database.write(lambda _: 1 // 0)

    assert await database.write(lambda connection: take(connection, 1)) == 99


@pytest.mark.parametrize("in_a_pipeline", [False, True])
async def test_a_command_whose_connection_is_lost_runs_again_on_a_new_one(
    databases: Databases, *, in_a_pipeline: bool
) -> None:
    url = databases.fresh(POSTGRESQL)
    database = Database(url)
    database.start()
    ending = Statement(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    one = Statement(text("SELECT 1 AS number"))
    attempts = []

    def lose(transaction: Transaction) -> int:
        attempts.append(1)
        connection = transaction.connection
        if len(attempts) == 1 and in_a_pipeline:
            together(connection, [ending.asked(), one.asked()])
        elif len(attempts) == 1:
            ending.asked().now(connection)
        return int(transaction.rows(one.asked())[0].number)

    assert await database.lane.submit(lose) == 1
    assert len(attempts) == 2
    database.close()
