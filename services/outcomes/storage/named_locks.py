"""Writing in turn to what has no row of its own to hold yet, when several replicas write."""

from __future__ import annotations

from sqlalchemy import Connection, text


def hold(connection: Connection, tenant: str, name: str) -> None:
    """Keep every other writer of the same name waiting until this one has committed.

    On SQLite there is one writer, and nothing to wait for.
    """
    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
        connection.execute(lock, {"name": f"{tenant}|{name}"})
