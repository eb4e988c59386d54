"""The lock under which an authority's journals are chained, and its years closed."""

from __future__ import annotations

from sqlalchemy import Connection, text

_LOCK = text("SELECT pg_advisory_xact_lock(hashtext(:name))")


def lock_journals(connection: Connection, tenant: str) -> bool:
    """Wait for, and keep until the commit, the right to write an authority's journals.

    Returns:
        Whether there may be other writers at all: SQLite has one, which begins immediately.
    """
    shared = connection.dialect.name == "postgresql"
    if shared:
        connection.execute(_LOCK, {"name": f"journals:{tenant}"})
    return shared
