"""Attempts: only ever added, each number of a message once."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, insert, select

from services.notify.domain.message import Attempt
from services.notify.storage.tables import attempt

_KNOWN = select(attempt.c.number).where(
    attempt.c.message_id == bindparam("key"), attempt.c.number == bindparam("number")
)
_INSERT = insert(attempt)


def add(connection: Connection, tenant: str, message_id: str, made: Attempt) -> bool:
    """Add an attempt; return False when its number was recorded before."""
    key = {"key": message_id, "number": made.number}
    if connection.execute(_KNOWN, key).first() is not None:
        return False
    connection.execute(
        _INSERT,
        {
            "message_id": message_id,
            "tenant": tenant,
            "number": made.number,
            "provider": made.provider,
            "outcome": made.outcome,
            "reason": made.reason,
            "reference": made.reference,
            "at": made.at,
            "duration_ms": made.duration_ms,
        },
    )
    return True


def of_message(connection: Connection, message_id: str) -> Sequence[Attempt]:
    """Return the attempts of a message, oldest first."""
    query = select(attempt).where(attempt.c.message_id == message_id).order_by(attempt.c.number)
    return [
        Attempt(
            number=row.number,
            provider=row.provider,
            outcome=row.outcome,
            reason=row.reason,
            reference=row.reference,
            at=row.at,
            duration_ms=row.duration_ms,
        )
        for row in connection.execute(query)
    ]
