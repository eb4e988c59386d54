"""Tables of episodes: the fund's facts as given, and each version derived from them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from services.chassis.tables import UtcDateTime
from services.outcomes.storage.metadata import metadata

FUND_FACT = Table(
    "fund_fact",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("purchase_id", String(64), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", String(64), nullable=False),
    Column("type", String(120), nullable=False),
    Column("time", String(40), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
)

FUND_FACT_CHILD = Table(
    "fund_fact_child",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("child_id", String(64), primary_key=True),
    Column("purchase_id", String(64), primary_key=True),
    Index("fund_fact_child_purchase", "tenant", "purchase_id"),
)

EPISODE_CHILD = Table(
    "episode_child",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("child_id", String(64), primary_key=True),
    Column("derivations", BigInteger, nullable=False),
)

EPISODE = Table(
    "episode",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("child_id", String(64), nullable=False),
    Column("school_urn", String(6), nullable=False),
    Column("state", String(20), nullable=False),
    Column("index_day", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("derived_at", UtcDateTime, nullable=False),
    Index("episode_by_child", "tenant", "child_id"),
    Index("episode_by_index_day", "tenant", "index_day", "id"),
)

EPISODE_VERSION = Table(
    "episode_version",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("episode_id", String(36), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("child_id", String(64), nullable=False),
    Column("state", String(20), nullable=False),
    Column("body", Text, nullable=False),
    Column("derived_at", UtcDateTime, nullable=False),
    Index("episode_version_time", "tenant", "derived_at"),
)

EPISODE_PURCHASE = Table(
    "episode_purchase",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("episode_id", String(36), primary_key=True),
    Column("purchase_id", String(64), primary_key=True),
    Column("category", String(60), nullable=False),
    Index("episode_purchase_purchase", "tenant", "purchase_id"),
)

APPROVAL_SNAPSHOT = Table(
    "approval_snapshot",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("purchase_id", String(64), primary_key=True),
    Column("child_id", String(64), primary_key=True),
    Column("taken_at", UtcDateTime, nullable=False),
    Column("possible", Integer, nullable=False),
    Column("absent", Integer, nullable=False),
    Column("measured", Integer, nullable=False),
    Column("year_group", Integer),
    Column("phase", String(20), nullable=False),
    Column("facts", Text, nullable=False),
)

EPISODE_WINDOW_CLOSED = Table(
    "episode_window_closed",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("episode_id", String(36), primary_key=True),
    Column("kind", Integer, primary_key=True, autoincrement=False),
    Column("end_day", Integer, nullable=False),
    Column("insufficient", Integer, nullable=False),
    Column("closed_at", UtcDateTime, nullable=False),
)
