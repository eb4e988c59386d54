"""Tables of feeds. Items and checkpoints are only added to; no row holds id and pseudonym."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from services.chassis.tables import BigSerial, UtcDateTime
from services.outcomes.storage.metadata import metadata

FEED_FACT = Table(
    "feed_fact",
    metadata,
    Column("id", BigSerial, primary_key=True, autoincrement=True),
    Column("tenant", String(9), nullable=False),
    Column("number", BigInteger),
    Column("child_id", String(64), nullable=False),
    Column("measure", String(70), nullable=False),
    Column("span", String(40), nullable=False),
    Column("value", Float(53)),
    Column("symbol", String(3), nullable=False),
    Column("valid_from", String(20), nullable=False),
    Column("valid_to", String(20), nullable=False),
    Column("age_years", Integer),
    Column("phase", String(40), nullable=False),
    Column("gone", Boolean, nullable=False),
    Index(
        "feed_fact_waiting",
        "tenant",
        "id",
        sqlite_where=text("number IS NULL"),
        postgresql_where=text("number IS NULL"),
    ),
    Index("feed_fact_number", "tenant", "number"),
    Index("feed_fact_child", "tenant", "child_id"),
)
FEED_NUMBERING = Table(
    "feed_numbering",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("last", BigInteger, nullable=False),
)
FEED = Table(
    "feed",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("fact_number", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("peaks", LargeBinary, nullable=False),
    Column("retractions", BigInteger, nullable=False),
)
FEED_ITEM = Table(
    "feed_item",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("feed_id", String(36), primary_key=True),
    Column("feed_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("subject", String(32), nullable=False),
    Column("slot", String(120), nullable=False),
    Column("measure", String(70), nullable=False),
    Column("period", String(20), nullable=False),
    Column("retracts", Boolean, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("line", Text, nullable=False),
    Index("feed_item_subject", "tenant", "feed_id", "subject"),
    sqlite_with_rowid=False,
)
FEED_CHECKPOINT = Table(
    "feed_checkpoint",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("feed_id", String(36), primary_key=True),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
    Column("signed_at", UtcDateTime, nullable=False),
)
FEED_ERASED = Table(
    "feed_erased",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("child_id", String(64), primary_key=True),
    Column("erased_at", UtcDateTime, nullable=False),
)
