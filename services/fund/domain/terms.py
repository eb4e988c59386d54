"""A source's terms: what its money may be spent on, held against what a request is about.

The fund knows no child. Terms are held against what a request states (category, year groups,
cohort) and what the authority has recorded of the school (phase, areas). What nobody has stated
does not meet a restriction: restricted money is never spent on a guess. Source: ledger.md d1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class CarryForward(StrEnum):
    """What becomes of money that is unspent when its time is over."""

    KEEP = "keep"
    RETURN = "return"
    ASK = "ask"


class VatTreatment(StrEnum):
    """How much of a purchase's VAT a source pays.

    COST pays what does not come back to the authority. NET never pays VAT: other money must. GROSS
    pays all of it, because VAT on what this money buys is not claimed back (a school's own funds).
    Source: ledger.md d3, VAT; VAT Act 1994, s. 33.
    """

    COST = "cost"
    NET = "net"
    GROSS = "gross"


class Phase(StrEnum):
    """A phase of education that terms name."""

    NURSERY = "nursery"
    PRIMARY = "primary"
    SECONDARY = "secondary"
    SIXTEEN_PLUS = "sixteen_plus"


class SchoolPhase(StrEnum):
    """A school's phase as the DfE's register of schools (GIAS) has it."""

    NURSERY = "nursery"
    PRIMARY = "primary"
    MIDDLE_DEEMED_PRIMARY = "middle_deemed_primary"
    SECONDARY = "secondary"
    MIDDLE_DEEMED_SECONDARY = "middle_deemed_secondary"
    SIXTEEN_PLUS = "sixteen_plus"
    ALL_THROUGH = "all_through"
    NOT_APPLICABLE = "not_applicable"


_TEACHES = {
    SchoolPhase.NURSERY: Phase.NURSERY,
    SchoolPhase.PRIMARY: Phase.PRIMARY,
    SchoolPhase.MIDDLE_DEEMED_PRIMARY: Phase.PRIMARY,
    SchoolPhase.SECONDARY: Phase.SECONDARY,
    SchoolPhase.MIDDLE_DEEMED_SECONDARY: Phase.SECONDARY,
    SchoolPhase.SIXTEEN_PLUS: Phase.SIXTEEN_PLUS,
}
"""Special and all-through schools, and referral units, are not here: year groups decide."""


def phase_of(year_group: int) -> Phase:
    """Return the phase of a national curriculum year; 0 is reception, below it is nursery."""
    if year_group < 0:
        return Phase.NURSERY
    if year_group <= 6:
        return Phase.PRIMARY
    return Phase.SECONDARY if year_group <= 11 else Phase.SIXTEEN_PLUS


@dataclass(frozen=True, slots=True)
class SchoolFacts:
    """What the authority has recorded of a school; version 0: nothing.

    Attributes:
        areas: Codes of the areas and clusters that it belongs to.
    """

    urn: str = ""
    phase: SchoolPhase | None = None
    areas: frozenset[str] = frozenset()
    version: int = 0


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a request states beside the school and the category, and what was known then.

    Attributes:
        year_groups: Of all its children, national curriculum years; 0 is reception.
        cohort: Code of the group of children it is for; empty when none is stated.
        school: As it was recorded when the request was held against terms.
    """

    year_groups: tuple[int, ...] = ()
    cohort: str = ""
    school: SchoolFacts = SchoolFacts()

    @property
    def phases(self) -> frozenset[Phase]:
        """The phases of its children: the school's, or their years'; empty when unknown."""
        phase = self.school.phase
        if phase is not None and phase in _TEACHES:
            return frozenset({_TEACHES[phase]})
        return frozenset(map(phase_of, self.year_groups))


UNSTATED = Circumstances()


@dataclass(frozen=True, slots=True)
class Need:
    """What a source's terms are held against.

    Attributes:
        on: The day that money would be promised, Europe/London.
        children: How many children it is for, one or more.
        net, cost: Pence of the request without VAT, and what it costs the fund; both 0 when
            there is no VAT to tell apart.
        reclaims: Whether VAT of it comes back to the authority.
    """

    school_urn: str
    category: str
    on: date
    children: int
    circumstances: Circumstances = UNSTATED
    net: int = 0
    cost: int = 0
    reclaims: bool = False

    def net_of(self, pence: int) -> int:
        """Return the part of so many pence of its cost that is not VAT, rounded down."""
        return pence * self.net // self.cost if self.cost else pence


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
    areas: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    phases: frozenset[Phase] = frozenset()
    year_groups: frozenset[int] = frozenset()
    cohorts: frozenset[str] = frozenset()
    spend_by: date | None = None
    most_per_child: int | None = None
    most_share: int | None = None
    carry_forward: CarryForward = CarryForward.ASK
    vat_treatment: VatTreatment = VatTreatment.COST
    reporting_label: str = ""

    @property
    def restrictions(self) -> int:
        """How restricted the money is: the number of ways in which the terms bind it."""
        sets = (self.school_urns, self.areas, self.categories, self.phases, self.year_groups)
        caps = (self.most_per_child, self.most_share)
        return sum(map(bool, (*sets, self.cohorts))) + sum(cap is not None for cap in caps)

    @property
    def ask_of_schools(self) -> bool:
        """Whether they are held against what is recorded of a school."""
        return bool(self.areas or self.phases)

    def broken_by(self, need: Need) -> tuple[str, ...]:
        """Return every rule that keeps this money from the need; none when it may pay."""
        known = need.circumstances
        kept = {
            "school": _lacks(self.school_urns, {need.school_urn}),
            "area": bool(self.areas) and not self.areas & known.school.areas,
            "phase": _lacks(self.phases, known.phases),
            "year_group": _lacks(self.year_groups, known.year_groups),
            "category": _lacks(self.categories, {need.category}),
            "cohort": _lacks(self.cohorts, {known.cohort}),
            "spend_by": self.spend_by is not None and need.on > self.spend_by,
            "vat": self.vat_treatment is VatTreatment.GROSS and need.reclaims,
        }
        return tuple(rule for rule, broken in kept.items() if broken)

    def broken_by_budget(self, schools: Iterable[SchoolFacts], starts_on: date) -> str:
        """Return the rule that keeps this money out of a budget; empty when it may go in.

        Args:
            schools: What the budget covers; none for every school. A school of which nothing is
                recorded keeps no money out: each purchase is held against the terms again.
            starts_on: The first day of the budget's period.
        """
        covered = tuple(schools)
        recorded = bool(covered) and all(school.version for school in covered)
        if covered and not any(_within(self.school_urns, school.urn) for school in covered):
            return "school"
        if recorded and self.areas and not any(self.areas & school.areas for school in covered):
            return "area"
        if recorded and not any(self._teaches(school) for school in covered):
            return "phase"
        if self.spend_by is not None and starts_on > self.spend_by:
            return "spend_by"
        return ""

    def _teaches(self, school: SchoolFacts) -> bool:
        decided = Circumstances(school=school).phases
        return not decided or not self.phases or decided <= self.phases

    def caps(self, need: Need, cost: int) -> dict[str, int]:
        """Return the most pence of a cost that each rule lets the need take, by the rule."""
        found = {}
        if self.most_per_child is not None:
            found["most_per_child"] = self.most_per_child * need.children
        if self.most_share is not None:
            found["match_ratio"] = cost * self.most_share // 10_000
        if self.vat_treatment is VatTreatment.NET:
            found["vat"] = need.net_of(cost)
        return {rule: cap for rule, cap in found.items() if cap < cost}

    def most(self, need: Need, cost: int) -> int:
        """Return the most pence of a cost that the need may take from this money."""
        return min((cost, *self.caps(need, cost).values()))


def _lacks(allowed: frozenset[object], stated: Iterable[object]) -> bool:
    """Return whether something stated is not allowed, or nothing is stated."""
    facts = frozenset(stated)
    return bool(allowed) and not (facts and facts <= allowed)


def _within(allowed: frozenset[str], one: str) -> bool:
    return not allowed or one in allowed
