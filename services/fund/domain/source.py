"""Funding sources: who gives money, and what their terms allow it to be spent on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class SourceKind(StrEnum):
    """Where money comes from."""

    COUNCIL = "council"
    PUPIL_PREMIUM = "pupil_premium"
    PHILANTHROPIC = "philanthropic"
    BUSINESS = "business"
    OTHER = "other"


class CarryForward(StrEnum):
    """What becomes of money that is unspent when its time is over."""

    KEEP = "keep"
    RETURN = "return"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Need:
    """What a source's terms are held against.

    Attributes:
        on: The day that money would be promised, Europe/London.
        children: How many children it is for, one or more.
    """

    school_urn: str
    category: str
    on: date
    children: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a source's money may be spent on; an empty set restricts nothing.

    Attributes:
        spend_by: The last day it may be promised, Europe/London; None: no end.
        most_per_child: Pence that one purchase may take for each child; None: no limit.
        most_share: Basis points of one purchase that it may pay, the rest must be matched from
            elsewhere; None: all of it.
    """

    version: int = 1
    school_urns: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    spend_by: date | None = None
    most_per_child: int | None = None
    most_share: int | None = None
    carry_forward: CarryForward = CarryForward.ASK
    reporting_label: str = ""

    @property
    def restrictions(self) -> int:
        """How restricted the money is: the number of ways in which the terms bind it."""
        caps = (self.most_per_child, self.most_share)
        bound = (bool(self.school_urns), bool(self.categories), *(cap is not None for cap in caps))
        return sum(bound)

    def broken_by(self, need: Need) -> str:
        """Return the rule that keeps this money from the need; empty when it may pay."""
        if self.school_urns and need.school_urn not in self.school_urns:
            return "school"
        if self.categories and need.category not in self.categories:
            return "category"
        if self.spend_by is not None and need.on > self.spend_by:
            return "spend_by"
        return ""

    def broken_by_budget(self, schools: frozenset[str], starts_on: date) -> str:
        """Return the rule that keeps this money out of a budget; empty when it may go in.

        Args:
            schools: What the budget covers; empty for every school.
            starts_on: The first day of the budget's period.
        """
        if self.school_urns and schools and not self.school_urns & schools:
            return "school"
        if self.spend_by is not None and starts_on > self.spend_by:
            return "spend_by"
        return ""

    def most(self, need: Need, cost: int) -> int:
        """Return the most pence of a cost that the need may take from this money."""
        caps = [cost]
        if self.most_per_child is not None:
            caps.append(self.most_per_child * need.children)
        if self.most_share is not None:
            caps.append(cost * self.most_share // 10_000)
        return min(caps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One funder's money on one set of terms. Amounts are pence.

    Attributes:
        pledged: Agreed and not banked.
        banked: Banked in all: unallocated, allocated and returned together.
    """

    id: str
    tenant: str
    name: str
    kind: SourceKind
    funder: str
    terms: Terms
    created_at: datetime
    pledged: int = 0
    banked: int = 0
    unallocated: int = 0
    allocated: int = 0
    returned: int = 0
    version: int = 1
    sequence: int = 0
