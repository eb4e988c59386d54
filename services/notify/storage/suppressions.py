"""Addresses that are shut, known by a keyed hash only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from services.notify.storage.tables import suppression

_COLUMN = suppression.c


@dataclass(frozen=True, slots=True)
class Suppression:
    """An address that refused for good."""

    suppression_id: str
    tenant: str
    channel: str
    address_hash: bytes
    recipient: str
    reason: str
    message_id: str
    created_at: datetime
    cleared_at: datetime | None = None


def add(connection: Connection, added: Suppression) -> bool:
    """Add a suppression; return False when the address is shut already."""
    if shut(connection, added.tenant, [added.address_hash]):
        return False
    connection.execute(
        insert(suppression).values(
            suppression_id=added.suppression_id,
            tenant=added.tenant,
            channel=added.channel,
            address_hash=added.address_hash,
            recipient=added.recipient,
            reason=added.reason,
            message_id=added.message_id,
            created_at=added.created_at,
            cleared_at=None,
            cleared_by="",
        )
    )
    return True


def shut(connection: Connection, tenant: str, hashes: Sequence[bytes]) -> set[bytes]:
    """Return which of the hashes are of shut addresses."""
    query = select(_COLUMN.address_hash).where(
        _COLUMN.tenant == tenant,
        _COLUMN.cleared_at.is_(None),
        _COLUMN.address_hash.in_(list(hashes)),
    )
    return set(connection.execute(query).scalars())


def holding(connection: Connection, tenant: str, suppression_id: str) -> Suppression | None:
    """Return a suppression that holds, or None."""
    query = select(suppression).where(
        _COLUMN.tenant == tenant,
        _COLUMN.suppression_id == suppression_id,
        _COLUMN.cleared_at.is_(None),
    )
    row = connection.execute(query).first()
    return _of(row) if row else None


def page(connection: Connection, tenant: str, *, before: str, limit: int) -> Sequence[Suppression]:
    """Return those that hold, newest first."""
    query = select(suppression).where(_COLUMN.tenant == tenant, _COLUMN.cleared_at.is_(None))
    if before:
        query = query.where(_COLUMN.suppression_id < before)
    query = query.order_by(_COLUMN.suppression_id.desc()).limit(limit)
    return [_of(row) for row in connection.execute(query)]


def clear(connection: Connection, suppression_id: str, *, by: str, at: datetime) -> None:
    """Let an address be used again."""
    connection.execute(
        update(suppression)
        .where(_COLUMN.suppression_id == suppression_id)
        .values(cleared_at=at, cleared_by=by)
    )


def _of(row: Row[Any]) -> Suppression:
    return Suppression(
        suppression_id=row.suppression_id,
        tenant=row.tenant,
        channel=row.channel,
        address_hash=row.address_hash,
        recipient=row.recipient,
        reason=row.reason,
        message_id=row.message_id,
        created_at=row.created_at,
        cleared_at=row.cleared_at,
    )
