"""What was asked for before an amendment: kept whole, so that a decision's hash can be checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.purchase import Purchase
from services.fund.storage.purchases.writing import content
from services.fund.storage.tables.returning import purchase_revisions


def keep(work: UnitOfWork, replaced: Purchase, reason: str, content_hash: str) -> None:
    """Insert the version that an amendment replaces."""
    kept = {
        **content(replaced),
        "review_on": replaced.expected.review_on.isoformat(),
        "sources": [
            [share.position, share.pot_id, share.terms_version, share.figures.total]
            for share in replaced.shares
        ],
    }
    work.connection.execute(
        insert(purchase_revisions).values(
            purchase_id=replaced.id,
            revision=replaced.revision,
            tenant=replaced.tenant,
            content=kept,
            content_hash=content_hash,
            reason=reason,
            replaced_by=work.caller.subject,
            replaced_at=work.at,
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """A version that was replaced; its cost in pence, the reason personal."""

    revision: int
    cost: int
    content_hash: str
    reason: str
    replaced_by: str
    replaced_at: datetime


def of(connection: Connection, purchase_id: str) -> list[Replaced]:
    """Return the versions of a purchase that were replaced, oldest first."""
    query = select(purchase_revisions).where(purchase_revisions.c.purchase_id == purchase_id)
    return [
        Replaced(
            revision=row.revision,
            cost=row.content["cost"],
            content_hash=row.content_hash,
            reason=row.reason,
            replaced_by=row.replaced_by,
            replaced_at=row.replaced_at,
        )
        for row in connection.execute(query.order_by(purchase_revisions.c.revision))
    ]
