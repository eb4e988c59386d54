"""What was asked for before an amendment: kept whole, so that a decision's hash can be checked."""

from __future__ import annotations

from sqlalchemy import insert

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
