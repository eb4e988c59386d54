"""Which child is read through which: two that were found to be one, until that is undone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Integer, Select, String, Table, Text, or_, select

from services.chassis.tables import UtcDateTime
from services.outcomes.storage.metadata import metadata

Key = TypeVar("Key", int, str)

CHILD_MERGE = Table(
    "child_merge",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("survivor", Integer, nullable=False),
    Column("merged", Integer, nullable=False),
    Column("survivor_id", String(36), nullable=False),
    Column("merged_id", String(36), nullable=False),
    Column("state", Text, nullable=False),
    Column("conflicts", Text, nullable=False),
    Column("merged_at", UtcDateTime, nullable=False),
    Column("merged_by", String(120), nullable=False),
)
CHILD_UNMERGE = Table(
    "child_unmerge",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("merge_id", String(36), primary_key=True),
    Column("unmerged_at", UtcDateTime, nullable=False),
    Column("unmerged_by", String(120), nullable=False),
)


def merges(tenant: str) -> Select[Any]:
    """Return the query for merges with what was undone."""
    undone = CHILD_UNMERGE.c
    return (
        select(CHILD_MERGE, undone.unmerged_at, undone.unmerged_by)
        .outerjoin(
            CHILD_UNMERGE,
            (undone.tenant == CHILD_MERGE.c.tenant) & (undone.merge_id == CHILD_MERGE.c.id),
        )
        .where(CHILD_MERGE.c.tenant == tenant)
    )


def _standing(tenant: str, as_of: datetime | None) -> Select[Any]:
    undone_at = CHILD_UNMERGE.c.unmerged_at
    if as_of is None:
        return merges(tenant).where(undone_at.is_(None))
    known = merges(tenant).where(CHILD_MERGE.c.merged_at <= as_of)
    return known.where(or_(undone_at.is_(None), undone_at > as_of))


def survivors(
    connection: Connection, tenant: str, *, as_of: datetime | None = None
) -> dict[int, int]:
    """Return for each merged child the number that it is read through, at a moment or now."""
    query = _standing(tenant, as_of)
    direct = {row.merged: row.survivor for row in connection.execute(query)}
    return {number: _end(number, direct) for number in direct}


def survivor_ids(
    connection: Connection, tenant: str, *, as_of: datetime | None = None
) -> dict[str, str]:
    """Return for each merged child's id that of the child it is read through, then or now."""
    query = _standing(tenant, as_of)
    direct = {row.merged_id: row.survivor_id for row in connection.execute(query)}
    return {child_id: _end(child_id, direct) for child_id in direct}


def _end(start: Key, direct: Mapping[Key, Key]) -> Key:
    while start in direct:
        start = direct[start]
    return start


def read_through(
    connection: Connection,
    tenant: str,
    found: Mapping[Any, int],
    *,
    as_of: datetime | None = None,
) -> dict[Any, int]:
    """Return what was found with each merged child's number replaced by its survivor's."""
    given = dict(found)
    if not given:
        return given
    through = survivors(connection, tenant, as_of=as_of)
    if not through:
        return given
    return {key: through.get(number) or number for key, number in given.items()}


def members(connection: Connection, tenant: str, child_id: str) -> tuple[str, ...]:
    """Return the ids of every child that is read through a child, itself not among them."""
    through = survivor_ids(connection, tenant)
    return tuple(sorted(one for one, survivor in through.items() if survivor == child_id))


def merged_numbers(
    connection: Connection, tenant: str, *, as_of: datetime | None = None
) -> Iterable[int]:
    """Return the numbers of children who are read through another."""
    return sorted(survivors(connection, tenant, as_of=as_of))
