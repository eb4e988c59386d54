"""Sources, budgets, pots and the ledger.

Entries are the truth; the columns of sources and pots are a cache of them that constraints
guard. Journals and entries carry no foreign keys: they are written in bulk at the commit, and
`verify ledger` checks what a key would.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    false,
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

sources = Table(
    "sources",
    metadata,
    identifier(primary_key=True),
    tenant(),
    Column("name", String(120), nullable=False),
    Column("name_key", String(300), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("funder", String(120), nullable=False),
    Column("funder_key", String(300), nullable=False),
    Column("terms_version", Integer, nullable=False),
    pence("pledged"),
    pence("banked"),
    pence("unallocated"),
    pence("allocated"),
    pence("returned"),
    Column("version", Integer, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("tenant", "name_key", name="sources_name_unique"),
    adds_up("sources", "banked", "unallocated", "allocated", "returned"),
    *never_negative("sources", "pledged", "unallocated", "allocated", "returned"),
)

source_terms = Table(
    "source_terms",
    metadata,
    identifier("source_id", primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    tenant(),
    Column("school_urns", JSON, nullable=False),
    Column("areas", JSON, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("phases", JSON, nullable=False),
    Column("year_groups", JSON, nullable=False),
    Column("cohorts", JSON, nullable=False),
    Column("spend_by", Date),
    Column("most_per_child", BigInteger),
    Column("most_share", Integer),
    Column("carry_forward", String(10), nullable=False),
    Column("vat_treatment", String(10), nullable=False),
    Column("reporting_label", String(80), nullable=False),
    Column("set_by", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

school_facts = Table(
    "school_facts",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("school_urn", String(6), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("phase", String(30)),
    Column("areas", JSON, nullable=False),
    Column("set_by", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

receipts = Table(
    "receipts",
    metadata,
    identifier(primary_key=True),
    tenant(),
    identifier("source_id"),
    Column("funder_key", String(300), nullable=False),
    Column("reference_key", String(200), nullable=False),
    Column("reference", String(80), nullable=False),
    pence("amount"),
    Column("received_on", Date, nullable=False),
    identifier("journal_id"),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("tenant", "funder_key", "reference_key", name="receipts_reference_unique"),
    CheckConstraint("amount > 0", name="receipts_amount_positive"),
)

budgets = Table(
    "budgets",
    metadata,
    identifier(primary_key=True),
    tenant(),
    identifier("parent_id", nullable=True),
    Column("path", String(400), nullable=False),
    Column("scope", String(10), nullable=False),
    Column("name", String(120), nullable=False),
    Column("name_key", String(300), nullable=False),
    Column("period_kind", String(20), nullable=False),
    Column("start_year", Integer, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("frozen", Boolean, nullable=False),
    Column("apportionment", JSON),
    Column("threshold_percent", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("tenant", "period_kind", "start_year", "name_key", name="budgets_name_unique"),
    Index("budgets_by_parent", "tenant", "parent_id"),
    Index("budgets_by_path", "tenant", "path"),
)

budget_schools = Table(
    "budget_schools",
    metadata,
    Column("budget_id", String(36), ForeignKey("budgets.id"), primary_key=True),
    Column("school_urn", String(6), primary_key=True),
    tenant(),
    Index("budget_schools_by_school", "tenant", "school_urn"),
)

pots = Table(
    "pots",
    metadata,
    identifier(primary_key=True),
    tenant(),
    Column("budget_id", String(36), ForeignKey("budgets.id"), nullable=False),
    Column("source_id", String(36), ForeignKey("sources.id"), nullable=False),
    pence("allocated"),
    *buckets(),
    Column("closed", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("budget_id", "source_id", name="pots_source_unique"),
    CheckConstraint(
        "NOT closed OR allocated = spent + written_off", name="pots_closed_holds_nothing"
    ),
    adds_up("pots", "allocated", *BUCKETS),
    *never_negative("pots", *BUCKETS),
)

journals = Table(
    "journals",
    metadata,
    identifier(primary_key=True),
    tenant(),
    Column("kind", String(20), nullable=False),
    Column("actor", String(120), nullable=False),
    Column("command_id", String(36), nullable=False),
    identifier("purchase_id", nullable=True),
    identifier("decision_id", nullable=True),
    identifier("reverses_id", nullable=True),
    Column("booked_at", UtcDateTime, nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("format", Integer, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Index("journals_by_purchase", "purchase_id", "id"),
    UniqueConstraint("tenant", "sequence", name="journals_chained_once"),
    Index("journals_in_order", "tenant", "id"),
    Index("journals_reversed_once", "reverses_id", unique=True),
)

entries = Table(
    "entries",
    metadata,
    identifier("journal_id", primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    tenant(),
    Column("account", String(320), nullable=False),
    identifier("pot_id", nullable=True),
    identifier("source_id", nullable=True),
    Column("amount", BigInteger, nullable=False),
    Index("entries_by_source", "source_id", "journal_id"),
    Index("entries_by_pot", "pot_id", "journal_id"),
    Index(
        "entries_outside_sources",
        "tenant",
        "account",
        sqlite_where=text("source_id IS NULL"),
        postgresql_where=text("source_id IS NULL"),
    ),
    CheckConstraint("amount <> 0", name="entries_amount_not_zero"),
)
