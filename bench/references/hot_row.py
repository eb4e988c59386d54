"""Unbatched SQL without an RPC on one row, in five forms, each on 32 connections of asyncpg.

- `core`: a guarded update and then inserts in one transaction, written with SQLAlchemy Core as
  all SQL of this project is. The aim of P1 was set by a measurement through Core.
- `core, late`: the same with the update at the end, so that the row is held for a shorter time.
- `driver`, `driver, late`: the same two with the driver's own prepared statements.
- `one statement`: all of it in one statement, so one round trip and the shortest lock.

Each writes five rows and moves one. A submission of ours writes ten rows and chains two of them.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
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
        forms: dict[str, Reserve] = {
            "driver": partial(_driver, late=False),
            "driver, late": partial(_driver, late=True),
            "one statement": _one_statement,
        }
        for name, reserve in forms.items():
            found[name] = await _rate(pool.acquire, reserve, tasks=tasks, seconds=seconds)
    finally:
        await pool.close()
    url = dsn.replace("postgresql://", "postgresql+asyncpg://", 1)
    engine = create_async_engine(url, pool_size=_CONNECTIONS, max_overflow=0)
    try:
        for name, late in {"core": False, "core, late": True}.items():
            reserve = partial(_core, late=late)
            found[name] = await _rate(engine.begin, reserve, tasks=tasks, seconds=seconds)
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


async def _driver(connection: Any, *, late: bool) -> None:
    purchase = uuid.uuid4()
    steps: list[tuple[Any, ...]] = [
        (_PURCHASE, purchase, 1, _BODY),
        (_ENTRIES, purchase, 1),
        (_ANSWER, purchase, _HASH, _BODY),
        (_OUTBOX, purchase, _BODY),
    ]
    steps.insert(len(steps) if late else 0, (_MOVE, 1))
    async with connection.transaction():
        for statement, *values in steps:
            said = await connection.execute(statement, *values)
            assert not said.endswith(" 0"), "the row is guarded"


async def _core(connection: Any, *, late: bool) -> None:
    purchase = uuid.uuid4()
    legs = [
        {"purchase": purchase, "account": account, "amount": amount}
        for account, amount in (("available", -1), ("reserved", 1))
    ]
    rows: dict[str, Any] = {
        "purchase": {"id": purchase, "pot": 1, "amount": 1, "body": _BODY},
        "entry": legs,
        "answer": {"id": purchase, "hash": _HASH, "answer": _BODY},
        "outbox": {"event": purchase, "data": _BODY},
    }
    steps: list[tuple[Any, Any]] = [
        (insert(_TABLES[name]), values) for name, values in rows.items()
    ]
    steps.insert(len(steps) if late else 0, (_MOVE_IN_CORE, {}))
    for statement, values in steps:
        assert (await connection.execute(statement, values)).rowcount, "the row is guarded"
