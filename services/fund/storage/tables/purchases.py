"""Purchases, what happened to them, and who decided on them.

A purchase's row says where it stands; its shares say where its money is, each with the identity
of a pot's row as a constraint; its facts say how it came there and are only ever added to.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from services.chassis.tables import UtcDateTime
from services.fund.storage.tables.columns import (
    BUCKETS,
    adds_up,
    buckets,
    identifier,
    metadata,
    never_negative,
    pence,
    tenant,
)

purchases = Table(
    "purchases",
    metadata,
    identifier(primary_key=True),
    tenant(),
    Column("reference", String(12), nullable=False),
    Column("state", String(12), nullable=False),
    Column("school_urn", String(6), nullable=False),
    Column("child_ids", JSON, nullable=False),
    Column("need", Text, nullable=False),
    Column("category", String(40), nullable=False),
    Column("measure", String(60), nullable=False),
    Column("direction", String(10), nullable=False),
    Column("review_on", Date, nullable=False),
    Column("urgency", String(12), nullable=False),
    identifier("supplier_id"),
    Column("supplier_name", String(120), nullable=False),
    Column("lines", JSON, nullable=False),
    identifier("budget_id"),
    Column("requester", String(120), nullable=False),
    pence("cost"),
    Column("submitted_at", UtcDateTime, nullable=False),
    Column("approved_at", UtcDateTime),
    pence("approved"),
    Column("approver", String(120), nullable=False),
    Column("first_delivered_on", Date),
    Column("order_number", String(40), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("places", Integer, nullable=False),
    Column("circumstances", JSON, nullable=False),
    Column("decide_by", UtcDateTime),
    Column("paused_at", UtcDateTime),
    Column("overdue_at", UtcDateTime),
    Column("version", Integer, nullable=False),
    Column("sequence", Integer, nullable=False),
    UniqueConstraint("tenant", "reference", name="purchases_reference_unique"),
    CheckConstraint("approver <> requester", name="purchases_approver_not_requester"),
    CheckConstraint(
        "CASE WHEN state IN ('approved', 'ordered', 'delivered', 'closed', 'cancelled') "
        "THEN approved_at IS NOT NULL AND approver <> '' "
        "WHEN state IN ('submitted', 'queried', 'declined', 'withdrawn', 'expired') "
        "THEN approved_at IS NULL AND approver = '' AND approved = 0 ELSE FALSE END",
        name="purchases_approved_as_it_stands",
    ),
    Index("purchases_in_order", "tenant", "id"),
    Index("purchases_by_state", "state", "tenant", "submitted_at"),
    Index("purchases_by_school", "tenant", "school_urn", "id"),
    Index(
        "purchases_approved_for_school",
        "tenant",
        "school_urn",
        "supplier_id",
        "approved_at",
        sqlite_where=text("approved_at IS NOT NULL"),
        postgresql_where=text("approved_at IS NOT NULL"),
    ),
)

purchase_children = Table(
    "purchase_children",
    metadata,
    identifier("purchase_id", primary_key=True),
    identifier("child_id", primary_key=True),
    tenant(),
    Index("purchase_children_by_child", "tenant", "child_id"),
)

purchase_shares = Table(
    "purchase_shares",
    metadata,
    identifier("purchase_id", primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    tenant(),
    identifier("pot_id"),
    identifier("source_id"),
    Column("terms_version", Integer, nullable=False),
    pence("held"),
    *buckets(),
    adds_up("purchase_shares", "held", *BUCKETS),
    *never_negative("purchase_shares", *BUCKETS),
)

purchase_facts = Table(
    "purchase_facts",
    metadata,
    identifier("purchase_id", primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    tenant(),
    Column("action", String(12), nullable=False),
    Column("from_state", String(12), nullable=False),
    Column("to_state", String(12), nullable=False),
    Column("actor", String(120), nullable=False),
    Column("actor_role", String(30), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("effective_on", Date, nullable=False),
    pence("amount"),
    identifier("decision_id", nullable=True),
)

decisions = Table(
    "decisions",
    metadata,
    identifier(primary_key=True),
    tenant(),
    identifier("purchase_id"),
    Column("purchase_version", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("outcome", String(10), nullable=False),
    Column("decider", String(120), nullable=False),
    Column("on_behalf_of", String(120), nullable=False),
    Column("requester", String(120), nullable=False),
    Column("approver_number", Integer, nullable=False),
    Column("approvers_needed", Integer, nullable=False),
    Column("overridden", String(200), nullable=False),
    pence("amount"),
    identifier("limit_id", nullable=True),
    pence("limit_amount"),
    pence("counted"),
    Column("policy_version", Integer, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    CheckConstraint("decider <> requester", name="decisions_decider_not_requester"),
    CheckConstraint("on_behalf_of <> requester", name="decisions_cover_not_requester"),
    CheckConstraint(
        "outcome NOT IN ('approved', 'uplifted') OR counted <= limit_amount",
        name="decisions_within_limit",
    ),
    CheckConstraint("amount <= counted", name="decisions_amount_counts"),
    CheckConstraint(
        "outcome NOT IN ('approved', 'uplifted') OR approver_number >= approvers_needed",
        name="decisions_enough_approvers",
    ),
    UniqueConstraint("purchase_id", "purchase_version", name="decisions_version_unique"),
)

delegated_limits = Table(
    "delegated_limits",
    metadata,
    identifier(primary_key=True),
    tenant(),
    Column("officer", String(120), nullable=False),
    pence("amount"),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("set_by", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("delegated_limits_by_officer", "tenant", "officer", "valid_from"),
    CheckConstraint("set_by <> officer", name="delegated_limits_not_own"),
    CheckConstraint("amount > 0", name="delegated_limits_amount_positive"),
)

deliveries = Table(
    "deliveries",
    metadata,
    identifier(primary_key=True),
    tenant(),
    identifier("purchase_id"),
    Column("delivered_on", Date, nullable=False),
    pence("amount"),
    Column("recorded_by", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("deliveries_by_purchase", "purchase_id"),
    CheckConstraint("amount > 0", name="deliveries_amount_positive"),
)

invoices = Table(
    "invoices",
    metadata,
    identifier(primary_key=True),
    tenant(),
    identifier("purchase_id"),
    identifier("supplier_id"),
    Column("number", String(60), nullable=False),
    Column("number_key", String(150), nullable=False),
    pence("net"),
    pence("vat"),
    Column("recovery", String(10), nullable=False),
    pence("cost"),
    Column("invoice_on", Date, nullable=False),
    Column("recorded_by", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("invoices_by_purchase", "purchase_id"),
    UniqueConstraint("tenant", "supplier_id", "number_key", name="invoices_number_unique"),
)
