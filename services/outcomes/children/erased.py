"""Which children were erased: asked by whoever would read or say something of them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Column, Connection, SmallInteger, String, Table, select

from services.chassis.tables import UtcDateTime
from services.outcomes.children.storage import CHILD
from services.outcomes.storage.metadata import metadata
from services.outcomes.storage.value_lists import one_of

CHILD_ERASED = Table(
    "child_erased",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("child_id", String(36), primary_key=True),
    Column("reason", SmallInteger, nullable=False),
    Column("erased_at", UtcDateTime, nullable=False),
    Column("erased_by", String(120), nullable=False),
)


def erased_numbers(connection: Connection, tenant: str, numbers: Iterable[int]) -> set[int]:
    """Return which of some children were erased."""
    query = (
        select(CHILD.c.number)
        .join(
            CHILD_ERASED,
            (CHILD_ERASED.c.tenant == CHILD.c.tenant) & (CHILD_ERASED.c.child_id == CHILD.c.id),
        )
        .where(CHILD.c.tenant == tenant, one_of(connection, CHILD.c.number, numbers))
    )
    return set(connection.execute(query).scalars())
