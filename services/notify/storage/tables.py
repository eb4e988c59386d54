"""Notify's schema, for SQLite and PostgreSQL both.

`attempt`, `receipt`, `template_version` and `template_publication` are only ever added to. The
only columns that hold personal data are the contacts of `recipient` and `message.address`; both
are emptied by the retention clock, with the values of a message.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from services.chassis.tables import UtcDateTime, add_to

metadata = MetaData()
add_to(metadata)

INSERT_ONLY = ("attempt", "receipt", "template_version", "template_publication")

recipient = Table(
    "recipient",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("subject", String(120), primary_key=True),
    Column("email", String(254), nullable=False),
    Column("phone", String(30), nullable=False),
    Column("postal_address", Text, nullable=False),
    Column("language", String(2), nullable=False),
    Column("team_member", Boolean, nullable=False),
    Column("deputy", String(120), nullable=False),
    Column("preferences", Text, nullable=False),
    Column("quiet_start", String(5), nullable=False),
    Column("quiet_end", String(5), nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
)

recipient_role = Table(
    "recipient_role",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("role", String(40), primary_key=True),
    Column("subject", String(120), primary_key=True),
    Column("school", String(7), primary_key=True),
    Index("recipient_role_subject", "tenant", "subject"),
)

template_version = Table(
    "template_version",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("template_id", String(61), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("shipped", Boolean, nullable=False),
    Column("content", Text, nullable=False),
    Column("author", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

template_publication = Table(
    "template_publication",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("template_id", String(61), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("author", String(120), nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
)

message = Table(
    "message",
    metadata,
    Column("message_id", String(36), primary_key=True),
    Column("tenant", String(9), nullable=False),
    Column("producer", String(140), nullable=False),
    Column("event_id", String(80), nullable=False),
    Column("recipient", String(160), nullable=False),
    Column("template_id", String(61), nullable=False),
    Column("channel", String(10), nullable=False),
    Column("replay", Integer, nullable=False),
    Column("template_version", Integer, nullable=False),
    Column("audience", String(80), nullable=False),
    Column("category", String(12), nullable=False),
    Column("urgency", String(10), nullable=False),
    Column("given", Text, nullable=False),
    Column("link", String(200), nullable=False),
    Column("address", Text, nullable=False),
    Column("reference", String(36), nullable=False),
    Column("status", String(20), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("events", Integer, nullable=False),
    Column("due_at", UtcDateTime),
    Column("first_attempt_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("read_at", UtcDateTime),
    Column("erased_at", UtcDateTime),
    Column("replay_of", String(36), nullable=False),
    Column("digest_id", String(36), nullable=False),
    UniqueConstraint(
        "tenant",
        "producer",
        "event_id",
        "recipient",
        "template_id",
        "channel",
        "replay",
        name="message_once",
    ),
    Index(
        "message_due",
        "due_at",
        sqlite_where=text("due_at IS NOT NULL"),
        postgresql_where=text("due_at IS NOT NULL"),
    ),
    Index("message_inbox", "tenant", "recipient", "channel", "message_id"),
    Index("message_board", "tenant", "message_id"),
    Index("message_counts", "tenant", "channel", "status"),
    Index("message_reference", "reference"),
    Index("message_digest", "digest_id"),
    Index(
        "message_kept",
        "created_at",
        sqlite_where=text("erased_at IS NULL"),
        postgresql_where=text("erased_at IS NULL"),
    ),
)

attempt = Table(
    "attempt",
    metadata,
    Column("message_id", String(36), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("tenant", String(9), nullable=False),
    Column("provider", String(40), nullable=False),
    Column("outcome", String(10), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("reference", String(36), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("duration_ms", Integer, nullable=False),
)

receipt = Table(
    "receipt",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("provider", String(40), primary_key=True),
    Column("reference", String(80), primary_key=True),
    Column("status", String(40), primary_key=True),
    Column("message_id", String(36), nullable=False),
    Column("applied", Boolean, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

suppression = Table(
    "suppression",
    metadata,
    Column("suppression_id", String(36), primary_key=True),
    Column("tenant", String(9), nullable=False),
    Column("channel", String(10), nullable=False),
    Column("address_hash", LargeBinary(32), nullable=False),
    Column("recipient", String(160), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("message_id", String(36), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("cleared_at", UtcDateTime),
    Column("cleared_by", String(120), nullable=False),
    Index(
        "suppression_holds",
        "tenant",
        "channel",
        "address_hash",
        unique=True,
        sqlite_where=text("cleared_at IS NULL"),
        postgresql_where=text("cleared_at IS NULL"),
    ),
)

webhook_endpoint = Table(
    "webhook_endpoint",
    metadata,
    Column("endpoint_id", String(36), primary_key=True),
    Column("tenant", String(9), nullable=False),
    Column("url", String(2000), nullable=False),
    Column("event_types", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("disabled_reason", String(40), nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("older_secret", LargeBinary),
    Column("older_until", UtcDateTime),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("deleted_at", UtcDateTime),
    Index("webhook_endpoint_tenant", "tenant", "endpoint_id"),
)

escalation = Table(
    "escalation",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("ladder", String(20), primary_key=True),
    Column("resource", String(80), primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("reference", String(60), nullable=False),
    Column("requester", String(120), nullable=False),
    Column("link", String(200), nullable=False),
    Column("anchor_at", UtcDateTime, nullable=False),
    Column("taken", Integer, nullable=False),
    Column("next_at", UtcDateTime),
    Column("paused_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Index(
        "escalation_due",
        "next_at",
        sqlite_where=text("next_at IS NOT NULL"),
        postgresql_where=text("next_at IS NOT NULL"),
    ),
)
