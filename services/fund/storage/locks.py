"""The lock under which an authority's journals are chained, and its years closed."""

from __future__ import annotations

from sqlalchemy import Connection, text

from services.chassis.database.together import Asked, Statement

_LOCK = Statement(text("SELECT pg_advisory_xact_lock(hashtext(:name))"))


def locking_journals(dialect: str, tenant: str) -> list[Asked]:
    """Return what waits for the right to write an authority's journals, kept until the commit.

    Nothing on SQLite: it has one writer, which begins immediately.
    """
    return [_LOCK.asked(name=f"journals:{tenant}")] if dialect == "postgresql" else []


def lock_journals(connection: Connection, tenant: str) -> None:
    """Wait for the right to write an authority's journals now."""
    for asked in locking_journals(connection.dialect.name, tenant):
        asked.now(connection)
