"""Engines as each database needs them: how a transaction begins is what keeps money right."""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import StaticPool

from services.chassis.database.together import note_write

_POSTGRES_OPTIONS = (
    "-c synchronous_commit=on -c statement_timeout=60s -c lock_timeout=10s "
    "-c idle_in_transaction_session_timeout=60s -c jit=off"
)


def writer_engine(url: str) -> Engine:
    """Return an engine with the one connection that writes (and, on SQLite, checkpoints).

    SQLite: WAL, synchronous FULL, BEGIN IMMEDIATE. PostgreSQL: READ COMMITTED with plans made
    for each statement, because a connection opened on empty tables would keep their plans.
    """
    if _is_sqlite(url):
        engine = _sqlite(url, begin="BEGIN IMMEDIATE", poolclass=StaticPool)
    else:
        # Without a ping before each batch: the lane runs a batch again when its connection is gone.
        engine = _postgresql(
            url,
            "READ COMMITTED",
            extra="-c plan_cache_mode=force_custom_plan",
            pool_pre_ping=False,
        )
    event.listen(engine, "before_cursor_execute", _count_writes)
    return engine


def reader_engine(url: str, *, connections: int) -> Engine:
    """Return an engine whose connections read one snapshot each and cannot write.

    They carry the execution option `committed_only`: what they see was committed, and a version
    number seen once never stands for anything else.
    """
    if _is_sqlite(url):
        return _sqlite(
            url,
            begin="BEGIN",
            query_only=True,
            pool_size=connections,
            max_overflow=0,
            execution_options={"committed_only": True},
        )
    return _postgresql(
        url,
        "REPEATABLE READ",
        extra="-c default_transaction_read_only=on",
        pool_size=connections,
        max_overflow=0,
        execution_options={"committed_only": True},
    )


def _is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def _sqlite(url: str, *, begin: str, query_only: bool = False, **options: Any) -> Engine:
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 10}, **options)

    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "trusted_schema=OFF",
            "busy_timeout=10000",
            "cache_size=-65536",
            *(("query_only=ON",) if query_only else ()),
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgresql(url: str, isolation: Any, *, extra: str, **options: Any) -> Engine:
    return create_engine(
        url,
        isolation_level=isolation,
        connect_args={"options": f"{_POSTGRES_OPTIONS} {extra}", "connect_timeout": 5},
        **{"pool_pre_ping": True, **options},
    )


def _count_writes(connection: Connection, *arguments: Any) -> None:
    """Count statements that write, so that the lane knows whether there is a need to undo."""
    statement: str = arguments[1]
    if not statement.lstrip()[:6].upper().startswith(("SELECT", "SAVEPO", "RELEAS", "ROLLBA")):
        note_write(connection)
