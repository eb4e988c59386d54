"""Tables of agreements and of what was downloaded under them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    String,
    Table,
    Text,
    insert,
    select,
    update,
)

from services.chassis.tables import Row, UtcDateTime
from services.outcomes.storage.metadata import metadata
from services.outcomes.storage.ordering import latest_first

AGREEMENT = Table(
    "agreement",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("terms", Text, nullable=False),
    Column("first_day", Integer, nullable=False),
    Column("last_day", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(120), nullable=False),
    Column("ended_at", UtcDateTime),
    Column("end_reason", Text, nullable=False),
)
DOWNLOAD = Table(
    "feed_download",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("agreement_id", String(36), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("form", String(20), nullable=False),
    Column("after_seq", BigInteger, nullable=False),
    Column("items", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("feed_download_agreement", "tenant", "agreement_id", "id"),
)


class LawfulBasis(StrEnum):
    """The legal ground of the processing."""

    PUBLIC_TASK = "public task"
    LEGAL_OBLIGATION = "legal obligation"
    CONSENT = "consent"
    LEGITIMATE_INTERESTS = "legitimate interests"


class AgreementState(StrEnum):
    """Where an agreement stands on a day."""

    PENDING = "pending"
    CURRENT = "current"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What was agreed; `subjects` are those of the tokens that may read."""

    evaluator: str
    project: str
    subjects: tuple[str, ...]
    purpose: str
    lawful_basis: LawfulBasis
    dpia_reference: str
    measures: tuple[str, ...]
    fields: tuple[str, ...] = ()
    minimum_group: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """An agreement, from its first day to its last, both in London."""

    id: str
    tenant: str
    terms: Terms
    first: date
    last: date
    created_at: datetime
    created_by: str
    ended_at: datetime | None = None
    end_reason: str = ""

    def state(self, today: date) -> AgreementState:
        """Return where it stands on a day."""
        if self.ended_at is not None or today > self.last:
            return AgreementState.LAPSED
        return AgreementState.PENDING if today < self.first else AgreementState.CURRENT

    def admits(self, subject: str) -> bool:
        """Return whether tokens of this subject may read."""
        return subject in self.terms.subjects


def add(connection: Connection, agreement: Agreement) -> None:
    """Keep an agreement."""
    connection.execute(
        insert(AGREEMENT),
        {
            "tenant": agreement.tenant,
            "id": agreement.id,
            "terms": _text(agreement.terms),
            "first_day": agreement.first.toordinal(),
            "last_day": agreement.last.toordinal(),
            "created_at": agreement.created_at,
            "created_by": agreement.created_by,
            "end_reason": "",
        },
    )


def find(connection: Connection, tenant: str, agreement_id: str) -> Agreement | None:
    """Return one agreement of an authority."""
    table = AGREEMENT.c
    query = select(AGREEMENT).where(table.tenant == tenant, table.id == agreement_id)
    row = connection.execute(query).first()
    return _agreement(row) if row else None


def of_tenant(connection: Connection, tenant: str) -> list[Agreement]:
    """Return all agreements of an authority, latest first; there are few."""
    query = select(AGREEMENT).where(AGREEMENT.c.tenant == tenant).order_by(AGREEMENT.c.id.desc())
    return [_agreement(row) for row in connection.execute(query)]


def end(connection: Connection, agreement: Agreement, *, at: datetime, reason: str) -> bool:
    """End an agreement; False when it was ended already."""
    table = AGREEMENT.c
    done = connection.execute(
        update(AGREEMENT)
        .where(
            table.tenant == agreement.tenant,
            table.id == agreement.id,
            table.ended_at.is_(None),
        )
        .values(ended_at=at, end_reason=reason)
    )
    return done.rowcount == 1


def log_download(connection: Connection, row: Row) -> None:
    """Keep that something was downloaded."""
    connection.execute(insert(DOWNLOAD), row)


def downloads_page(
    connection: Connection, tenant: str, agreement_id: str, *, before: str, limit: int
) -> Sequence[Any]:
    """Return downloads under an agreement, latest first."""
    table = DOWNLOAD.c
    query = select(DOWNLOAD).where(table.tenant == tenant, table.agreement_id == agreement_id)
    return connection.execute(latest_first(query, table.id, before=before, limit=limit)).all()


def _text(terms: Terms) -> str:
    return json.dumps({each.name: getattr(terms, each.name) for each in fields(terms)})


def _agreement(row: Any) -> Agreement:
    held: dict[str, Any] = json.loads(row.terms)
    held |= {name: tuple(held[name]) for name in ("subjects", "measures", "fields")}
    held["lawful_basis"] = LawfulBasis(held["lawful_basis"])
    return Agreement(
        id=row.id,
        tenant=row.tenant,
        terms=Terms(**held),
        first=date.fromordinal(row.first_day),
        last=date.fromordinal(row.last_day),
        created_at=row.created_at,
        created_by=row.created_by,
        ended_at=row.ended_at,
        end_reason=row.end_reason,
    )
