"""The rules that approvals are decided under, and who took part in which version of a request.

All of them are only ever added to. That different people decide is a constraint: each person who
takes part in a version of a request, or whose limit is used for it, has one row, and never the
requester.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from services.chassis.tables import UtcDateTime
from services.fund.storage.tables.columns import identifier, metadata, tenant

policy_proposals = Table(
    "policy_proposals",
    metadata,
    identifier(primary_key=True),
    tenant(),
    Column("content", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("proposed_by", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

approval_policies = Table(
    "approval_policies",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    identifier("proposal_id"),
    Column("content", JSON, nullable=False),
    Column("proposed_by", String(120), nullable=False),
    Column("confirmed_by", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("proposal_id", name="approval_policies_proposal_unique"),
    CheckConstraint("confirmed_by <> proposed_by", name="approval_policies_two_officers"),
)

approval_people = Table(
    "approval_people",
    metadata,
    identifier("purchase_id", primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("person", String(120), primary_key=True),
    tenant(),
    Column("part", String(12), nullable=False),
    Column("requester", String(120), nullable=False),
    identifier("decision_id", nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    CheckConstraint("person <> requester", name="approval_people_not_requester"),
)

uplift_people = Table(
    "uplift_people",
    metadata,
    identifier("purchase_id", primary_key=True),
    Column("content_hash", String(64), primary_key=True),
    Column("amount", BigInteger, primary_key=True, autoincrement=False),
    Column("person", String(120), primary_key=True),
    tenant(),
    Column("requester", String(120), nullable=False),
    Column("decider", String(120), nullable=False),
    identifier("decision_id"),
    Column("created_at", UtcDateTime, nullable=False),
    CheckConstraint("person <> requester", name="uplift_people_not_requester"),
)

covers = Table(
    "covers",
    metadata,
    identifier(primary_key=True),
    tenant(),
    Column("delegator", String(120), nullable=False),
    Column("deputy", String(120), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False),
    Column("set_by", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("covers_by_deputy", "tenant", "deputy", "delegator"),
    CheckConstraint("delegator <> deputy", name="covers_two_people"),
    CheckConstraint("set_by <> deputy", name="covers_not_own"),
)

cover_ends = Table(
    "cover_ends",
    metadata,
    identifier("cover_id", primary_key=True),
    tenant(),
    Column("ended_by", String(120), nullable=False),
    Column("ended_at", UtcDateTime, nullable=False),
)

override_rights = Table(
    "override_rights",
    metadata,
    identifier(primary_key=True),
    tenant(),
    Column("officer", String(120), nullable=False),
    Column("allowed", Boolean, nullable=False),
    Column("set_by", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("override_rights_by_officer", "tenant", "officer", "id"),
    CheckConstraint("set_by <> officer", name="override_rights_not_own"),
)

after_checks = Table(
    "after_checks",
    metadata,
    identifier("decision_id", primary_key=True),
    tenant(),
    identifier("purchase_id"),
    Column("requester", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("after_checks_in_order", "tenant", "decision_id"),
)

after_check_results = Table(
    "after_check_results",
    metadata,
    identifier("decision_id", primary_key=True),
    tenant(),
    Column("found_right", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("requester", String(120), nullable=False),
    Column("checked_by", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    CheckConstraint("checked_by <> requester", name="after_check_results_not_requester"),
)

APPEND_ONLY = (
    policy_proposals,
    approval_policies,
    approval_people,
    uplift_people,
    covers,
    cover_ends,
    override_rights,
    after_checks,
    after_check_results,
)
"""Tables of this module that are only ever added to: all of them."""
