"""The best unbatched SQL without an RPC: asyncpg, a guarded update and inserts on one row."""

from __future__ import annotations

import asyncio
import time
import uuid

import asyncpg

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
_RESERVE = """
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


async def reserve_rate(dsn: str, *, tasks: int, seconds: float) -> tuple[float, int]:
    """Return reservations a second, and how many, of `tasks` callers on 32 connections."""
    pool = await asyncpg.create_pool(dsn, min_size=32, max_size=32)
    try:
        async with pool.acquire() as connection:
            await connection.execute(_SCHEMA)
        start = time.perf_counter()
        counts = await asyncio.gather(*(_caller(pool, start + seconds) for _ in range(tasks)))
        return sum(counts) / (time.perf_counter() - start), sum(counts)
    finally:
        await pool.close()


async def _caller(pool: asyncpg.Pool, end: float) -> int:
    done = 0
    body, fingerprint = b"x" * 600, b"h" * 32
    while time.perf_counter() < end:
        async with pool.acquire() as connection:
            await connection.execute(_RESERVE, uuid.uuid4(), 1, body, fingerprint)
        done += 1
    return done
