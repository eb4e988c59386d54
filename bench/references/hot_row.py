"""Unbatched SQL without an RPC on one row, in three forms, each on 32 connections of asyncpg.

- `core`: a transaction written with SQLAlchemy Core, as all SQL of this project is; the aims of
  P1 and P2 were set by a measurement of this form (1,139 transactions a second).
- `driver`: the same transaction with the driver's own prepared statements.
- `one statement`: all of it in one statement, so one round trip and the shortest lock.

Each writes five rows and moves one; the guarded update comes last, which holds the row for the
shortest time. A submission of ours writes eleven rows and chains two of them.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import asyncpg
from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, Table, Text, Uuid, insert, update
from sqlalchemy.ext.asyncio import create_async_engine

_CONNECTIONS = 32
_SCHEMA = """
DROP TABLE IF EXISTS ref_outbox, ref_answer, ref_entry, ref_purchase, ref_pot;
CREATE TABLE ref_pot (id int PRIMARY KEY, available bigint NOT NULL CHECK (available >= 0),
                      reserved bigint NOT NULL);
CREATE TABLE ref_purchase (id uuid PRIMARY KEY, pot int NOT NULL, amount bigint NOT NULL,
                           body bytea NOT NULL);
CREATE TABLE ref_entry (id bigserial PRIMARY KEY, purchase uuid NOT NULL, account text NOT NULL,
                        amount bigint NOT NULL);
CREATE TABLE ref_answer (id uuid PRIMARY KEY, hash bytea NOT NULL, answer bytea NOT NULL);
CREATE TABLE ref_outbox (id bigserial PRIMARY KEY, event uuid NOT NULL, data bytea NOT NULL,
                         sent_at timestamptz);
INSERT INTO ref_pot VALUES (1, 1000000000000, 0);
"""
_PURCHASE = "INSERT INTO ref_purchase VALUES ($1, 1, $2, $3)"
_ENTRIES = """
INSERT INTO ref_entry (purchase, account, amount)
VALUES ($1, 'available', -$2::bigint), ($1, 'reserved', $2::bigint)
"""
_ANSWER = "INSERT INTO ref_answer VALUES ($1, $2, $3)"
_OUTBOX = "INSERT INTO ref_outbox (event, data) VALUES ($1, $2)"
_MOVE = """
UPDATE ref_pot SET available = available - $1, reserved = reserved + $1
WHERE id = 1 AND available >= $1
"""
_ALL = """
WITH pot AS (
  UPDATE ref_pot SET available = available - $2, reserved = reserved + $2
  WHERE id = 1 AND available >= $2 RETURNING id
), purchase AS (
  INSERT INTO ref_purchase SELECT $1, id, $2, $3 FROM pot RETURNING id
), entries AS (
  INSERT INTO ref_entry (purchase, account, amount)
  SELECT id, account, amount FROM purchase,
         (VALUES ('available', -$2), ('reserved', $2)) AS legs(account, amount)
), answer AS (
  INSERT INTO ref_answer SELECT id, $4, $3 FROM purchase
)
INSERT INTO ref_outbox (event, data) SELECT id, $3 FROM purchase
"""
_BODY, _HASH = b"x" * 600, b"h" * 32
_METADATA = MetaData()
_POT = Table(
    "ref_pot",
    _METADATA,
    Column("id", BigInteger, primary_key=True),
    *(Column(name, BigInteger) for name in ("available", "reserved")),
)
_TABLES = {
    name: Table(f"ref_{name}", _METADATA, *(Column(column, kind) for column, kind in kinds.items()))
    for name, kinds in {
        "purchase": {"id": Uuid, "pot": BigInteger, "amount": BigInteger, "body": LargeBinary},
        "entry": {"purchase": Uuid, "account": Text, "amount": BigInteger},
        "answer": {"id": Uuid, "hash": LargeBinary, "answer": LargeBinary},
        "outbox": {"event": Uuid, "data": LargeBinary},
    }.items()
}
_MOVE_IN_CORE = (
    update(_POT)
    .where(_POT.c.id == 1, _POT.c.available >= 1)
    .values(available=_POT.c.available - 1, reserved=_POT.c.reserved + 1)
)
Reserve = Callable[[Any], Awaitable[None]]
Taking = Callable[[], AbstractAsyncContextManager[Any]]


async def rates(dsn: str, *, tasks: int, seconds: float) -> dict[str, float]:
    """Return the reservations a second of each form, by `tasks` callers.

    Args:
        dsn: Of a database that is theirs alone, as libpq takes it.
        tasks: How many ask at a time.
        seconds: For each form.
    """
    found = {}
    pool = await asyncpg.create_pool(dsn, min_size=_CONNECTIONS, max_size=_CONNECTIONS)
    try:
        await pool.execute(_SCHEMA)
        for name, reserve in {"one statement": _one_statement, "driver": _driver}.items():
            found[name] = await _rate(pool.acquire, reserve, tasks=tasks, seconds=seconds)
    finally:
        await pool.close()
    url = dsn.replace("postgresql://", "postgresql+asyncpg://", 1)
    engine = create_async_engine(url, pool_size=_CONNECTIONS, max_overflow=0)
    try:
        found["core"] = await _rate(engine.begin, _core, tasks=tasks, seconds=seconds)
    finally:
        await engine.dispose()
    return found


async def _rate(take: Taking, reserve: Reserve, *, tasks: int, seconds: float) -> float:
    start = time.perf_counter()

    async def call() -> int:
        done = 0
        while time.perf_counter() < start + seconds:
            async with take() as connection:
                await reserve(connection)
            done += 1
        return done

    counts = await asyncio.gather(*(call() for _ in range(tasks)))
    return sum(counts) / (time.perf_counter() - start)


async def _one_statement(connection: Any) -> None:
    await connection.execute(_ALL, uuid.uuid4(), 1, _BODY, _HASH)


async def _driver(connection: Any) -> None:
    purchase = uuid.uuid4()
    async with connection.transaction():
        await connection.execute(_PURCHASE, purchase, 1, _BODY)
        await connection.execute(_ENTRIES, purchase, 1)
        await connection.execute(_ANSWER, purchase, _HASH, _BODY)
        await connection.execute(_OUTBOX, purchase, _BODY)
        assert await connection.execute(_MOVE, 1) == "UPDATE 1"


async def _core(connection: Any) -> None:
    purchase = uuid.uuid4()
    legs = [
        {"purchase": purchase, "account": account, "amount": amount}
        for account, amount in (("available", -1), ("reserved", 1))
    ]
    for name, values in (
        ("purchase", {"id": purchase, "pot": 1, "amount": 1, "body": _BODY}),
        ("entry", legs),
        ("answer", {"id": purchase, "hash": _HASH, "answer": _BODY}),
        ("outbox", {"event": purchase, "data": _BODY}),
    ):
        await connection.execute(insert(_TABLES[name]), values)
    assert (await connection.execute(_MOVE_IN_CORE)).rowcount == 1
