"""The retention clock: addresses and values go, ids, statuses, times and counts stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.notify.storage import messages, recipients

BATCH = 500


@dataclass(frozen=True, slots=True)
class Erased:
    """What one pass erased: the provider references of messages, and people's contacts."""

    references: tuple[str, ...]
    contacts: int


def erase(connection: Connection, now: datetime, keep: timedelta) -> Erased:
    """Erase what is older than `keep`, at most a batch of it.

    Messages that wait or are being sent keep what they need, however old they are.
    """
    _overwrite(connection)
    before = now - keep
    return Erased(
        references=tuple(messages.erase(connection, before, now, limit=BATCH)),
        contacts=recipients.erase_ended(connection, before),
    )


def _overwrite(connection: Connection) -> None:
    """Have SQLite write zeros over what is erased, so that no copy of the file still holds it."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
