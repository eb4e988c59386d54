"""Which purchases belong together: those delivered within 30 school days of one another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby

from services.chassis.ids import derived_id
from services.outcomes.episodes.domain.calendar import SchoolDays
from services.outcomes.episodes.domain.purchase import Purchase, SourceCost

NEAR_SCHOOL_DAYS = 30
"""Deliveries at most this far apart are one episode of support."""


class EpisodeState(StrEnum):
    """Where an episode stands."""

    AWAITING_DELIVERY = "awaiting_delivery"
    OPEN = "open"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A child's part of one purchase.

    Attributes:
        places, places_total: The child's places and all places of the purchase.
        costs: The child's pence by source.
        delivered_on: First day of delivery; None until then.
    """

    purchase_id: str
    school_urn: str
    category: str
    supplier_id: str
    places: int
    places_total: int
    costs: tuple[SourceCost, ...]
    requested_on: date
    approved_on: date
    delivered_on: date | None

    @property
    def cost_minor(self) -> int:
        """Return the child's pence of this purchase."""
        return sum(each.cost_minor for each in self.costs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One child's support.

    Attributes:
        id: Derived from the child and the purchase asked for first.
        parts: By day asked for, then id.
    """

    id: str
    child_id: str
    parts: tuple[Part, ...]

    @property
    def state(self) -> EpisodeState:
        """Return open once anything was delivered."""
        return EpisodeState.AWAITING_DELIVERY if self.index_on is None else EpisodeState.OPEN

    @property
    def school_urn(self) -> str:
        """Return the school that asked first."""
        return self.parts[0].school_urn

    @property
    def requested_on(self) -> date:
        """Return the day of the first request: windows before support count back from it."""
        return min(part.requested_on for part in self.parts)

    @property
    def intent_on(self) -> date:
        """Return the day of the first approval."""
        return min(part.approved_on for part in self.parts)

    @property
    def index_on(self) -> date | None:
        """Return the day of the first delivery: windows after support count from it."""
        return min((part.delivered_on for part in self.parts if part.delivered_on), default=None)

    @property
    def cost_minor(self) -> int:
        """Return the child's pence of all parts."""
        return sum(part.cost_minor for part in self.parts)

    def costs(self) -> tuple[SourceCost, ...]:
        """Return the episode's pence by source, each source once, by its id."""
        flat = sorted(each for part in self.parts for each in part.costs)
        return tuple(
            SourceCost(source_id, kind, sum(each.cost_minor for each in same))
            for (source_id, kind), same in groupby(
                flat, key=lambda each: (each.source_id, each.source_kind)
            )
        )


def episodes_of(
    child_id: str, purchases: Iterable[Purchase], school_days: SchoolDays
) -> list[Episode]:
    """Return a child's episodes, in order of request.

    Args:
        child_id: The child.
        purchases: Everything bought for the child, any order; each once.
        school_days: The child's own calendar.
    """
    support = [each for each in purchases if each.is_support and child_id in each.places]
    groups = _near(sorted((p for p in support if p.delivered_on), key=_delivery), school_days)
    groups += [[each] for each in support if not each.delivered_on]
    return sorted((_episode(child_id, group) for group in groups), key=_request)


def _near(delivered: list[Purchase], school_days: SchoolDays) -> list[list[Purchase]]:
    groups: list[list[Purchase]] = []
    last = date.min
    for each in delivered:
        if groups and school_days.between(last, each.delivered_on[0]) <= NEAR_SCHOOL_DAYS:
            groups[-1].append(each)
            last = max(last, each.delivered_on[-1])
        else:
            groups.append([each])
            last = each.delivered_on[-1]
    return groups


def _episode(child_id: str, group: list[Purchase]) -> Episode:
    parts = sorted(
        (_part(child_id, each) for each in group),
        key=lambda part: (part.requested_on, part.purchase_id),
    )
    return Episode(
        id=derived_id("episode", child_id, parts[0].purchase_id),
        child_id=child_id,
        parts=tuple(parts),
    )


def _part(child_id: str, purchase: Purchase) -> Part:
    if purchase.approved_on is None:
        raise ValueError("support is approved")
    return Part(
        purchase_id=purchase.id,
        school_urn=purchase.school_urn,
        category=purchase.category,
        supplier_id=purchase.supplier_id,
        places=purchase.places[child_id],
        places_total=sum(purchase.places.values()),
        costs=purchase.costs_of(child_id),
        requested_on=purchase.requested_on,
        approved_on=purchase.approved_on,
        delivered_on=purchase.delivered_on[0] if purchase.delivered_on else None,
    )


def _delivery(purchase: Purchase) -> tuple[date, str]:
    return purchase.delivered_on[0], purchase.id


def _request(episode: Episode) -> tuple[date, str]:
    return episode.requested_on, episode.id
