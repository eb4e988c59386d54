"""Columns of a feed's older items, kept ready: a file of columns is then copied and not parsed.

The lines are the truth; a segment says the same of ten thousand of them, and can be made again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    LargeBinary,
    String,
    Table,
    func,
    insert,
    select,
)

from services.outcomes.agreements.storage import Agreement
from services.outcomes.feeds import files, reading
from services.outcomes.storage.metadata import metadata

ITEMS = 10_000
FEED_SEGMENT = Table(
    "feed_segment",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("feed_id", String(36), primary_key=True),
    Column("until_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("columns", LargeBinary, nullable=False),
)


def seal(connection: Connection, agreement: Agreement) -> bool:
    """Keep the columns of the next full segment; False when there is none."""
    after = sealed(connection, agreement)
    if reading.size_of(connection, agreement) < after + ITEMS:
        return False
    (text,) = reading.texts(connection, agreement, after + ITEMS, after=after)
    row = {
        "tenant": agreement.tenant,
        "feed_id": agreement.id,
        "until_seq": after + ITEMS,
        "columns": _packed(files.table_of(text)),
    }
    connection.execute(insert(FEED_SEGMENT), row)
    return True


def sealed(connection: Connection, agreement: Agreement) -> int:
    """Return the last item that a segment holds."""
    table = FEED_SEGMENT.c
    last = connection.execute(
        select(func.max(table.until_seq)).where(
            table.tenant == agreement.tenant, table.feed_id == agreement.id
        )
    ).scalar_one_or_none()
    return int(last or 0)


def tables(connection: Connection, agreement: Agreement, size: int) -> Iterator[Any]:
    """Yield the first `size` items as Arrow tables: segments, then what is not sealed yet."""
    table = FEED_SEGMENT.c
    query = (
        select(table.columns)
        .where(
            table.tenant == agreement.tenant,
            table.feed_id == agreement.id,
            table.until_seq <= size,
        )
        .order_by(table.until_seq)
    )
    done = 0
    for content in connection.execute(query).scalars():
        yield pa.ipc.open_stream(pa.BufferReader(bytes(content))).read_all()
        done += ITEMS
    yield from map(files.table_of, reading.texts(connection, agreement, size, after=done))


def _packed(columns: Any) -> bytes:
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_stream(sink, columns.schema, options=options) as writer:
        writer.write_table(columns)
    return bytes(sink.getvalue().to_pybytes())
