"""What providers reported: kept as evidence, also when it came too late to change anything."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select

from services.notify.domain.receipt import Receipt
from services.notify.storage.tables import receipt

_COLUMN = receipt.c


def known(connection: Connection, tenant: str, reported: Receipt) -> bool:
    """Return whether the provider said the same of the message before."""
    query = select(_COLUMN.reference).where(
        _COLUMN.tenant == tenant,
        _COLUMN.provider == reported.provider,
        _COLUMN.reference == reported.reference,
        _COLUMN.status == reported.said,
    )
    return connection.execute(query).first() is not None


def add(
    connection: Connection,
    tenant: str,
    reported: Receipt,
    *,
    message_id: str,
    applied_at: tuple[bool, datetime],
) -> None:
    """Keep a report, and whether it changed the message."""
    applied, at = applied_at
    connection.execute(
        insert(receipt).values(
            tenant=tenant,
            provider=reported.provider,
            reference=reported.reference,
            status=reported.said,
            message_id=message_id,
            applied=applied,
            at=at,
        )
    )
