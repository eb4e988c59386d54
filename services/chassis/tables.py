"""The tables that the chassis keeps in each service's own database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)

BigSerial = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit key that both databases number by themselves."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC; SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive moment: it could be any of two hours."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime is not a moment")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment aware, in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def add_to(metadata: MetaData) -> None:
    """Add outbox, inbox, inbox_sequence, idempotency, dead_letter, audit and wire_state."""
    Table(
        "outbox",
        metadata,
        Column("id", BigSerial, primary_key=True, autoincrement=True),
        Column("event_id", String(36), nullable=False, unique=True),
        Column("tenant", String(9), nullable=False),
        Column("type", String(120), nullable=False),
        Column("resource", String(80), nullable=False),
        Column("sequence", BigInteger, nullable=False),
        Column("time", String(40), nullable=False),
        Column("data", LargeBinary, nullable=False),
        Column("traceparent", String(55), nullable=False),
        Column("sent_at", UtcDateTime),
        Index(
            "outbox_unsent",
            "id",
            sqlite_where=text("sent_at IS NULL"),
            postgresql_where=text("sent_at IS NULL"),
        ),
    )
    Table(
        "inbox",
        metadata,
        Column("consumer", String(60), primary_key=True),
        Column("event_id", String(36), primary_key=True),
        Column("received_at", UtcDateTime, nullable=False),
    )
    Table(
        "inbox_sequence",
        metadata,
        Column("consumer", String(60), primary_key=True),
        Column("resource", String(80), primary_key=True),
        Column("last", BigInteger, nullable=False),
    )
    _add_answers(metadata)
    _add_operations(metadata)


def _add_answers(metadata: MetaData) -> None:
    Table(
        "idempotency",
        metadata,
        # Derived from the three columns below. One unique column, because PostgreSQL then looks
        # up a batch of them by the index even where a young table was never analysed.
        Column("key", String(36), primary_key=True),
        Column("tenant", String(9), nullable=False),
        Column("subject", String(120), nullable=False),
        Column("request_id", String(36), nullable=False),
        Column("method", String(120), nullable=False),
        Column("input_hash", LargeBinary(32), nullable=False),
        Column("answered_at", UtcDateTime, nullable=False),
        Column("answer", LargeBinary),
        Column("refusal", Text),
    )


def _add_operations(metadata: MetaData) -> None:
    Table(
        "dead_letter",
        metadata,
        Column("id", String(36), primary_key=True),
        Column("consumer", String(60), nullable=False),
        Column("event_id", String(36), nullable=False),
        Column("tenant", String(9), nullable=False),
        Column("type", String(120), nullable=False),
        Column("resource", String(80), nullable=False),
        Column("sequence", BigInteger, nullable=False),
        Column("time", String(40), nullable=False),
        Column("data", LargeBinary, nullable=False),
        Column("traceparent", String(55), nullable=False),
        Column("reason", Text, nullable=False),
        Column("deliveries", Integer, nullable=False),
        Column("dead_at", UtcDateTime, nullable=False),
        Column("replayed_at", UtcDateTime),
    )
    Table(
        "audit",
        metadata,
        Column("tenant", String(9), primary_key=True),
        Column("sequence", BigInteger, primary_key=True, autoincrement=False),
        Column("format", Integer, nullable=False),
        Column("body", Text, nullable=False),
        Column("hash", LargeBinary(32), nullable=False),
    )
    Table(
        "wire_state",
        metadata,
        Column("name", String(60), primary_key=True),
        Column("value", Text, nullable=False),
    )


def insert_only(connection: Connection, table: str) -> None:
    """Refuse every UPDATE, DELETE and TRUNCATE on `table` by trigger, on both databases."""
    if connection.dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            connection.execute(
                text(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END"
                )
            )
        return
    connection.execute(
        text(
            "CREATE OR REPLACE FUNCTION only_ever_added_to() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME; END $$"
        )
    )
    connection.execute(
        text(
            f"CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION only_ever_added_to()"
        )
    )
    connection.execute(
        text(
            f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION only_ever_added_to()"
        )
    )


Row = dict[str, Any]
"""One row to insert, by column name."""
