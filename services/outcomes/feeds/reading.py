"""Reads of feeds: by key from where the reader stopped, so that the last page costs no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Select, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from services.outcomes.agreements.storage import Agreement
from services.outcomes.feeds.tables import FEED, FEED_CHECKPOINT, FEED_ITEM

_BLOCK = 10_000


@dataclass(frozen=True, slots=True)
class Filter:
    """What a reading is narrowed to; empty and None are everything."""

    measures: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    as_of: datetime | None = None


EVERYTHING = Filter()


def items_after(
    connection: Connection, agreement: Agreement, after: int, *, limit: int, wanted: Filter
) -> Sequence[tuple[int, str]]:
    """Return number and line of the next items, in order."""
    table = FEED_ITEM.c
    query = _of(select(table.feed_seq, table.line), agreement).where(table.feed_seq > after)
    if wanted.measures:
        query = query.where(table.measure.in_(wanted.measures))
    if wanted.periods:
        query = query.where(table.period.in_(wanted.periods))
    if wanted.as_of is not None:
        query = query.where(table.recorded_at <= wanted.as_of)
    rows = connection.execute(query.order_by(table.feed_seq).limit(limit))
    return [(row[0], row[1]) for row in rows]


def texts(
    connection: Connection, agreement: Agreement, size: int, *, after: int = 0
) -> Iterator[str]:
    """Yield the items after one, up to `size`, as text, each line with its end, many at a time.

    The database puts the lines together: a value for thousands of items, not one for each.
    """
    table = FEED_ITEM.c
    for start in range(after, size, _BLOCK):
        until = min(start + _BLOCK, size)
        wanted = _of(select(table.feed_seq, table.line), agreement).where(
            table.feed_seq > start, table.feed_seq <= until
        )
        # SQLite before 3.44 knows no order inside an aggregate, and takes the rows as they come.
        rows = wanted.order_by(table.feed_seq).subquery()
        line = cast("Any", rows.c.line)
        if connection.dialect.name == "postgresql":
            line = func.string_agg(line, aggregate_order_by(literal("\n"), rows.c.feed_seq))
        else:
            line = func.group_concat(line, "\n")
        yield connection.execute(select(line)).scalar_one() + "\n"


def size_of(connection: Connection, agreement: Agreement) -> int:
    """Return how many items a feed holds."""
    query = select(FEED.c.size).where(FEED.c.tenant == agreement.tenant, FEED.c.id == agreement.id)
    return connection.execute(query).scalar_one_or_none() or 0


def checkpoints_after(
    connection: Connection, agreement: Agreement, after: int, *, limit: int
) -> Sequence[Any]:
    """Return the next checkpoints, smallest first."""
    table = FEED_CHECKPOINT.c
    query = _checkpoints(agreement).where(table.size > after).order_by(table.size).limit(limit)
    return connection.execute(query).all()


def newest_checkpoint(connection: Connection, agreement: Agreement) -> str:
    """Return the newest signed note; empty while there is none."""
    table = FEED_CHECKPOINT.c
    row = connection.execute(_checkpoints(agreement).order_by(table.size.desc()).limit(1)).first()
    return row.note if row else ""


def _of(query: Select[Any], agreement: Agreement) -> Select[Any]:
    table = FEED_ITEM.c
    return query.where(table.tenant == agreement.tenant, table.feed_id == agreement.id)


def _checkpoints(agreement: Agreement) -> Select[Any]:
    table = FEED_CHECKPOINT.c
    return select(table.size, table.note).where(
        table.tenant == agreement.tenant, table.feed_id == agreement.id
    )
