"""Reading purchases with their shares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from services.fund.domain.apportionment import Share
from services.fund.domain.figures import Figures
from services.fund.domain.lines import Line, VatRecovery
from services.fund.domain.purchase import Direction, ExpectedChange, Purchase, State, Urgency
from services.fund.domain.source import SourceKind
from services.fund.domain.terms import Circumstances, SchoolFacts, SchoolPhase
from services.fund.errors import PurchaseNotFound
from services.fund.storage.paging import Cut
from services.fund.storage.tables import purchase_shares, purchases, sources
from services.fund.storage.tables.columns import BUCKETS


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which purchases a list shows.

    Attributes:
        states: Only these; empty for all.
        schools: Only of these; None for all.
        requester: Only what this person asked for; empty for all.
    """

    states: frozenset[State] = frozenset()
    schools: frozenset[str] | None = None
    requester: str = ""


def get(connection: Connection, tenant: str, purchase_id: str, *, lock: bool = False) -> Purchase:
    """Return a purchase.

    Raises:
        PurchaseNotFound: Unknown, or another authority's (NOT_FOUND).
    """
    query = select(purchases).where(purchases.c.tenant == tenant, purchases.c.id == purchase_id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise PurchaseNotFound("there is no such purchase", purchase_id=purchase_id)
    return _purchase(row, _shares(connection, [row.id])[row.id])


def page(connection: Connection, tenant: str, cut: Cut, wanted: Wanted) -> list[Purchase]:
    """Return a page of purchases, newest first."""
    query = select(purchases).where(purchases.c.tenant == tenant)
    if cut.after:
        query = query.where(purchases.c.id < cut.after)
    if wanted.states:
        query = query.where(purchases.c.state.in_(sorted(wanted.states)))
    if wanted.schools is not None:
        query = query.where(purchases.c.school_urn.in_(sorted(wanted.schools)))
    if wanted.requester:
        query = query.where(purchases.c.requester == wanted.requester)
    rows = connection.execute(query.order_by(purchases.c.id.desc()).limit(cut.size)).all()
    shares = _shares(connection, [row.id for row in rows])
    return [_purchase(row, shares[row.id]) for row in rows]


def _shares(connection: Connection, ids: Iterable[str]) -> dict[str, list[Share]]:
    query = (
        select(
            purchase_shares,
            sources.c.name.label("source_name"),
            sources.c.kind.label("source_kind"),
        )
        .join(sources, sources.c.id == purchase_shares.c.source_id)
        .where(purchase_shares.c.purchase_id.in_(list(ids)))
        .order_by(purchase_shares.c.purchase_id, purchase_shares.c.position)
    )
    found: dict[str, list[Share]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.purchase_id].append(
            Share(
                position=row.position,
                pot_id=row.pot_id,
                source_id=row.source_id,
                source_name=row.source_name,
                source_kind=SourceKind(row.source_kind),
                terms_version=row.terms_version,
                figures=Figures(*(getattr(row, name) for name in BUCKETS)),
            )
        )
    return found


def _purchase(row: Any, shares: list[Share]) -> Purchase:
    return Purchase(
        id=row.id,
        tenant=row.tenant,
        reference=row.reference,
        state=State(row.state),
        school_urn=row.school_urn,
        child_ids=tuple(row.child_ids),
        need=row.need,
        category=row.category,
        expected=ExpectedChange(row.measure, Direction(row.direction), row.review_on),
        urgency=Urgency(row.urgency),
        supplier_id=row.supplier_id,
        supplier_name=row.supplier_name,
        lines=tuple(
            Line(text, quantity, price, rate, VatRecovery(recovery))
            for text, quantity, price, rate, recovery in row.lines
        ),
        budget_id=row.budget_id,
        requester=row.requester,
        shares=tuple(shares),
        submitted_at=row.submitted_at,
        version=row.version,
        sequence=row.sequence,
        approved_at=row.approved_at,
        approved_minor=row.approved,
        approver=row.approver,
        first_delivered_on=row.first_delivered_on,
        order_number=row.order_number,
        revision=row.revision,
        places=row.places,
        decide_by=row.decide_by,
        paused_at=row.paused_at,
        circumstances=circumstances(row.school_urn, row.circumstances),
    )


def circumstances(urn: str, kept: dict[str, Any]) -> Circumstances:
    """Read what a purchase's sources were held against."""
    phase = SchoolPhase(kept["phase"]) if kept["phase"] else None
    school = SchoolFacts(urn, phase, frozenset(kept["areas"]), kept["school_version"])
    return Circumstances(tuple(kept["year_groups"]), kept["cohort"], school)
