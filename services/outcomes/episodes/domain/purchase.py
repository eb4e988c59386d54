"""A purchase as the fund's facts leave it: the newest says where it stands and what it cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from services.chassis.clock import london_date
from services.outcomes.episodes.domain.shares import share


@dataclass(frozen=True, slots=True, order=True)
class SourceCost:
    """What one source paid, in pence, net of credits and refunds."""

    source_id: str
    source_kind: str
    cost_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that the fund said about a purchase, as given.

    Attributes:
        purchase_id: The purchase.
        sequence: 1, 2, 3 ... as the fund counted; unique for the purchase.
        school_urn: The school that asked.
        child_ids: The children it is for; a child named twice attends two places.
        category, supplier_id: As the fund names them.
        submitted_at: When it was asked for.
        approved_at: When it was approved; None until then.
        given_up: Declined, withdrawn or cancelled.
        delivered_on: Days of delivery that this fact tells of.
        costs: The purchase's cost by source after this fact.
    """

    purchase_id: str
    sequence: int
    school_urn: str
    child_ids: tuple[str, ...]
    category: str
    supplier_id: str
    submitted_at: datetime
    approved_at: datetime | None = None
    given_up: bool = False
    delivered_on: tuple[date, ...] = ()
    costs: tuple[SourceCost, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """What the facts add up to.

    Attributes:
        id: The purchase.
        places: Places of each child; a purchase for one child has one.
        requested_on, approved_on: Days in London.
        delivered_on: Days of delivery, ascending.
    """

    id: str
    school_urn: str
    places: dict[str, int] = field(hash=False)
    category: str
    supplier_id: str
    requested_on: date
    approved_on: date | None
    given_up: bool
    delivered_on: tuple[date, ...]
    costs: tuple[SourceCost, ...]

    @property
    def is_support(self) -> bool:
        """Return whether it was approved, and has been delivered or still may be."""
        return self.approved_on is not None and (bool(self.delivered_on) or not self.given_up)

    def costs_of(self, child_id: str) -> tuple[SourceCost, ...]:
        """Return this child's part of what each source paid; every penny is in one part."""
        return tuple(
            SourceCost(
                each.source_id, each.source_kind, share(each.cost_minor, self.places)[child_id]
            )
            for each in self.costs
        )


def purchase_of(facts: Iterable[Fact]) -> Purchase:
    """Return the purchase that a set of facts adds up to, whatever their order or repetition.

    Raises:
        ValueError: There are no facts.
    """
    known = {fact.sequence: fact for fact in facts}
    if not known:
        raise ValueError("a purchase needs a fact")
    newest = known[max(known)]
    delivered = {day for fact in known.values() for day in fact.delivered_on}
    places = {each: newest.child_ids.count(each) for each in sorted(set(newest.child_ids))}
    return Purchase(
        id=newest.purchase_id,
        school_urn=newest.school_urn,
        places=places,
        category=newest.category,
        supplier_id=newest.supplier_id,
        requested_on=london_date(newest.submitted_at),
        approved_on=london_date(newest.approved_at) if newest.approved_at else None,
        given_up=newest.given_up,
        delivered_on=tuple(sorted(delivered)),
        costs=tuple(sorted(newest.costs)),
    )
