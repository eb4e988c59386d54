"""Tables of cohorts: rules, freezes, everybody's way in and out; all of them only added to.

The row of the cohort itself is what a writer holds, so that two replicas write in turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    insert,
    select,
)

from services.chassis.tables import Row, UtcDateTime
from services.outcomes.cohorts.domain.membership import Cause, Change
from services.outcomes.cohorts.domain.rule import Rule, read, sha256_of, text_of
from services.outcomes.storage.metadata import metadata
from services.outcomes.storage.ordering import latest_first

COHORT = Table(
    "cohort",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(120), nullable=False),
)
COHORT_RULE = Table(
    "cohort_rule",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("cohort_id", String(36), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
    Column("off_roll", SmallInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("note", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(120), nullable=False),
)
COHORT_FREEZE = Table(
    "cohort_freeze",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("cohort_id", String(36), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("rule_version", Integer, nullable=False),
    Column("on_day", Integer, nullable=False),
    Column("as_of", UtcDateTime, nullable=False),
    Column("joined", Integer, nullable=False),
    Column("left", Integer, nullable=False),
    Column("unknown", Integer, nullable=False),
    Column("frozen_at", UtcDateTime, nullable=False),
    Column("frozen_by", String(120), nullable=False),
)
COHORT_CHANGE = Table(
    "cohort_change",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("cohort_id", String(36), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("child_id", String(36), nullable=False),
    Column("joined", SmallInteger, nullable=False),
    Column("on_day", Integer, nullable=False),
    Column("cause", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("baseline", Text, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("recorded_by", String(120), nullable=False),
    Index("cohort_change_child", "tenant", "child_id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleVersion:
    """A rule as it was at a version.

    Attributes:
        rule: None where people pick the children.
        off_roll: Whether children on no roll are asked too.
        note: Why it was made.
    """

    version: int
    rule: Rule | None
    off_roll: bool
    note: str
    created_at: datetime
    created_by: str

    @property
    def sha256(self) -> str:
        """Of the rule's canonical JSON."""
        return sha256_of(self.rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """A time at which membership was written down.

    Attributes:
        number: From 1 in the cohort.
        on: The day on which the rule was asked.
        as_of: The moment as of which facts were read.
        joined, left: How many came in and went out by it.
        unknown: Of how many children the rule could not say.
    """

    number: int
    rule_version: int
    on: date
    as_of: datetime
    joined: int
    left: int
    unknown: int
    frozen_at: datetime
    frozen_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """A cohort with its newest rule and its last freeze."""

    id: str
    name: str
    purpose: str
    created_at: datetime
    created_by: str


def add_cohort(connection: Connection, tenant: str, cohort: Cohort) -> None:
    """Keep a cohort."""
    connection.execute(insert(COHORT), {"tenant": tenant, **asdict(cohort)})


def find(
    connection: Connection, tenant: str, cohort_id: str, *, lock: bool = False
) -> Cohort | None:
    """Return a cohort; locked, nobody else freezes it or moves a child meanwhile."""
    query = select(COHORT).where(COHORT.c.tenant == tenant, COHORT.c.id == cohort_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return _cohort(row) if row else None


def page(connection: Connection, tenant: str, *, before: str, limit: int) -> list[Cohort]:
    """Return cohorts, latest first, after the cohort `before` in that order."""
    query = select(COHORT).where(COHORT.c.tenant == tenant)
    rows = connection.execute(latest_first(query, COHORT.c.id, before=before, limit=limit))
    return [_cohort(row) for row in rows]


def add_rule(connection: Connection, tenant: str, cohort_id: str, made: RuleVersion) -> None:
    """Keep a version of a rule."""
    row = {
        "tenant": tenant,
        "cohort_id": cohort_id,
        "version": made.version,
        "body": text_of(made.rule),
        "off_roll": int(made.off_roll),
        "sha256": made.sha256,
        "note": made.note,
        "created_at": made.created_at,
        "created_by": made.created_by,
    }
    connection.execute(insert(COHORT_RULE), row)


def rules(connection: Connection, tenant: str, cohort_id: str) -> list[RuleVersion]:
    """Return every version of a cohort's rule, oldest first."""
    table = COHORT_RULE.c
    query = select(COHORT_RULE).where(table.tenant == tenant, table.cohort_id == cohort_id)
    return [
        RuleVersion(
            version=row.version,
            rule=read(row.body),
            off_roll=bool(row.off_roll),
            note=row.note,
            created_at=row.created_at,
            created_by=row.created_by,
        )
        for row in connection.execute(query.order_by(table.version))
    ]


def add_freeze(connection: Connection, tenant: str, cohort_id: str, freeze: Freeze) -> None:
    """Keep that membership was written down."""
    row = asdict(freeze)
    row["on_day"] = row.pop("on").toordinal()
    connection.execute(insert(COHORT_FREEZE), {"tenant": tenant, "cohort_id": cohort_id, **row})


def freezes(connection: Connection, tenant: str, cohort_id: str) -> list[Freeze]:
    """Return every freeze of a cohort, oldest first."""
    table = COHORT_FREEZE.c
    query = select(COHORT_FREEZE).where(table.tenant == tenant, table.cohort_id == cohort_id)
    return [
        Freeze(
            number=row.number,
            rule_version=row.rule_version,
            on=date.fromordinal(row.on_day),
            as_of=row.as_of,
            joined=row.joined,
            left=row.left,
            unknown=row.unknown,
            frozen_at=row.frozen_at,
            frozen_by=row.frozen_by,
        )
        for row in connection.execute(query.order_by(table.number))
    ]


def add_changes(
    connection: Connection, tenant: str, cohort_id: str, changes: Sequence[Change]
) -> None:
    """Keep who went in and out."""
    if changes:
        key = {"tenant": tenant, "cohort_id": cohort_id}
        connection.execute(insert(COHORT_CHANGE), [{**key, **_row(each)} for each in changes])


def changes(
    connection: Connection,
    tenant: str,
    cohort_id: str,
    *,
    as_of: datetime | None = None,
) -> list[Change]:
    """Return who went in and out, in order, as was known at a moment or is known now."""
    table = COHORT_CHANGE.c
    query = select(COHORT_CHANGE).where(table.tenant == tenant, table.cohort_id == cohort_id)
    if as_of is not None:
        query = query.where(table.recorded_at <= as_of)
    return _changes(connection.execute(query.order_by(table.number)))


def _changes(rows: Iterable[Any]) -> list[Change]:
    return [
        Change(
            number=row.number,
            child_id=row.child_id,
            joined=bool(row.joined),
            on=date.fromordinal(row.on_day),
            cause=Cause(row.cause),
            reason=row.reason,
            rule_version=row.rule_version,
            baseline=row.baseline,
            recorded_at=row.recorded_at,
            recorded_by=row.recorded_by,
        )
        for row in rows
    ]


def _row(change: Change) -> Row:
    row = asdict(change)
    row["on_day"] = row.pop("on").toordinal()
    return {**row, "joined": int(change.joined), "cause": change.cause.value}


def _cohort(row: Any) -> Cohort:
    return Cohort(
        id=row.id,
        name=row.name,
        purpose=row.purpose,
        created_at=row.created_at,
        created_by=row.created_by,
    )
