"""Writing purchases: a new one goes in with the batch, a change goes in at once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert, update

from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.apportionment import Share
from services.fund.domain.lines import Line
from services.fund.domain.purchase import Purchase
from services.fund.domain.terms import Circumstances
from services.fund.errors import StaleEtag
from services.fund.storage.tables import purchase_children, purchase_shares, purchases
from services.fund.storage.tables.columns import BUCKETS


def add(work: UnitOfWork, purchase: Purchase) -> None:
    """Insert a purchase with the commit: nobody knows its id before that."""
    work.insert_later(
        purchases,
        {
            "id": purchase.id,
            "tenant": purchase.tenant,
            "reference": purchase.reference,
            "state": purchase.state,
            "school_urn": purchase.school_urn,
            **content(purchase),
            "budget_id": purchase.budget_id,
            "requester": purchase.requester,
            "submitted_at": purchase.submitted_at,
            "approved_at": purchase.approved_at,
            "approved": purchase.approved_minor,
            "approver": purchase.approver,
            "first_delivered_on": purchase.first_delivered_on,
            "order_number": purchase.order_number,
            "revision": purchase.revision,
            "decide_by": purchase.decide_by,
            "paused_at": purchase.paused_at,
            "version": purchase.version,
            "sequence": purchase.sequence,
        },
    )
    for child_id in purchase.child_ids:
        row = {"purchase_id": purchase.id, "child_id": child_id, "tenant": purchase.tenant}
        work.insert_later(purchase_children, row)
    for share in purchase.shares:
        work.insert_later(purchase_shares, _share(purchase, share))


def save(work: UnitOfWork, before: Purchase, after: Purchase) -> None:
    """Write what a step changed.

    Raises:
        StaleEtag: Somebody changed the purchase since it was read (ABORTED).
    """
    written = work.connection.execute(
        update(purchases)
        .where(purchases.c.id == before.id, purchases.c.version == before.version)
        .values(
            state=after.state,
            budget_id=after.budget_id,
            approved_at=after.approved_at,
            approved=after.approved_minor,
            approver=after.approver,
            first_delivered_on=after.first_delivered_on,
            order_number=after.order_number,
            revision=after.revision,
            decide_by=after.decide_by,
            paused_at=after.paused_at,
            version=after.version,
            sequence=after.sequence,
        )
    )
    if written.rowcount != 1:
        raise StaleEtag("the purchase has changed; read it again", etag=str(before.version))
    known = {share.position: share for share in before.shares}
    for share in after.shares:
        if share.position not in known:
            work.connection.execute(insert(purchase_shares).values(_share(after, share)))
        elif known[share.position] != share:
            _save_share(work, after, share)


def replace_content(work: UnitOfWork, after: Purchase) -> None:
    """Write what an amendment asks for in place of what was asked.

    With the new version, and no approval of it: the table refuses an edit without both.
    """
    anew = {
        "state": after.state,
        "budget_id": after.budget_id,
        "revision": after.revision,
        "approved_at": None,
        "approved": 0,
        "approver": "",
        "overdue_at": None,
    }
    work.connection.execute(
        update(purchases).where(purchases.c.id == after.id).values({**content(after), **anew})
    )
    children = purchase_children.c.purchase_id == after.id
    work.connection.execute(delete(purchase_children).where(children))
    rows = [
        {"purchase_id": after.id, "child_id": child_id, "tenant": after.tenant}
        for child_id in after.child_ids
    ]
    work.connection.execute(insert(purchase_children), rows)


def content(purchase: Purchase) -> dict[str, Any]:
    """Return the columns of what is asked for, which an amendment may change."""
    return {
        "child_ids": list(purchase.child_ids),
        "places": purchase.places,
        "need": purchase.need,
        "category": purchase.category,
        "measure": purchase.expected.measure,
        "direction": purchase.expected.direction,
        "review_on": purchase.expected.review_on,
        "urgency": purchase.urgency,
        "supplier_id": purchase.supplier_id,
        "supplier_name": purchase.supplier_name,
        "lines": [_line(line) for line in purchase.lines],
        "cost": purchase.cost,
        "circumstances": _circumstances(purchase.circumstances),
    }


def _circumstances(stated: Circumstances) -> dict[str, Any]:
    return {
        "year_groups": list(stated.year_groups),
        "cohort": stated.cohort,
        "phase": stated.school.phase,
        "areas": sorted(stated.school.areas),
        "school_version": stated.school.version,
    }


def _save_share(work: UnitOfWork, purchase: Purchase, share: Share) -> None:
    columns = purchase_shares.c
    work.connection.execute(
        update(purchase_shares)
        .where(columns.purchase_id == purchase.id, columns.position == share.position)
        .values(
            {
                "held": share.figures.total,
                "terms_version": share.terms_version,
                **{name: getattr(share.figures, name) for name in BUCKETS},
            }
        )
    )


def _share(purchase: Purchase, share: Share) -> dict[str, object]:
    return {
        "purchase_id": purchase.id,
        "position": share.position,
        "tenant": purchase.tenant,
        "pot_id": share.pot_id,
        "source_id": share.source_id,
        "terms_version": share.terms_version,
        "held": share.figures.total,
        **{name: getattr(share.figures, name) for name in BUCKETS},
    }


def _line(line: Line) -> list[str | int]:
    return [
        line.description,
        line.quantity,
        line.unit_price,
        line.vat_basis_points,
        line.recovery.value,
    ]
