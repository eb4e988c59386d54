"""Budgets: a tree of who may promise how much, for one year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from services.fund.domain.figures import NOTHING, Figures
from services.fund.domain.shares import IN_ORDER, SharePlan
from services.fund.domain.source import SourceKind
from services.fund.errors import (
    BudgetDoesNotCoverSchool,
    BudgetFrozen,
    BudgetScopeInvalid,
    NoBudgetForSchool,
    OutsidePeriod,
)

THRESHOLDS = (50, 75, 90, 100)
"""Percent of what was allocated at which an event is raised, once each."""


class Scope(StrEnum):
    """What a budget is for, the widest first."""

    FUND = "fund"
    AREA = "area"
    CLUSTER = "cluster"
    SCHOOL = "school"
    TEAM = "team"


_NEAREST = {Scope.SCHOOL: 0, Scope.CLUSTER: 1, Scope.AREA: 2, Scope.FUND: 3}


class PeriodKind(StrEnum):
    """Which year a budget runs for."""

    FINANCIAL_YEAR = "financial_year"
    ACADEMIC_YEAR = "academic_year"


@dataclass(frozen=True, slots=True)
class Period:
    """A year by its kind and the calendar year it begins in.

    Source: the financial year of English councils is 1 April to 31 March (Local Government
    Finance Act 1992, s. 69 and orders); the academic year here is 1 September to 31 August.
    """

    kind: PeriodKind
    start_year: int

    @property
    def starts_on(self) -> date:
        """The first day, Europe/London."""
        return date(self.start_year, 4 if self.kind is PeriodKind.FINANCIAL_YEAR else 9, 1)

    @property
    def ends_on(self) -> date:
        """The last day, Europe/London."""
        return Period(self.kind, self.start_year + 1).starts_on - timedelta(days=1)

    def holds(self, day: date) -> bool:
        """Return whether the day is in the year."""
        return self.starts_on <= day <= self.ends_on


@dataclass(frozen=True, slots=True)
class Pot:
    """One budget's money from one source; the two never mix with others."""

    id: str
    budget_id: str
    source_id: str
    source_name: str
    source_kind: SourceKind
    figures: Figures = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A node of the tree, without its money.

    Attributes:
        path: Ids from the root down to this one, as `/root/…/this/`.
        threshold_percent: The highest threshold that was announced.
    """

    id: str
    tenant: str
    parent_id: str
    path: str
    scope: Scope
    name: str
    schools: frozenset[str]
    period: Period
    created_at: datetime
    frozen: bool = False
    shares: SharePlan = IN_ORDER
    threshold_percent: int = 0
    version: int = 1

    def covers(self, school_urn: str) -> bool:
        """Return whether the budget may pay for a school."""
        return self.scope is Scope.FUND or school_urn in self.schools


def check_shape(scope: Scope, schools: frozenset[str], parent: Budget | None, year: Period) -> None:
    """Check that a new budget's parts fit together.

    Raises:
        BudgetScopeInvalid: They do not (INVALID_ARGUMENT); `rule` says which.
    """
    if scope is Scope.FUND:
        _hold(not schools, scope, "a fund covers every school and names none", "school_urns")
        _hold(parent is None, scope, "a fund is the root of a tree", "parent_id")
        return
    one = scope is not Scope.SCHOOL or len(schools) == 1
    _hold(one, scope, "a school's budget names exactly one school", "school_urns")
    _hold(bool(schools), scope, "it names the schools that it covers", "school_urns")
    _hold(parent is not None, scope, "only a fund has no parent", "parent_id")
    if parent is not None:
        _hold(parent.period == year, scope, "it has the period of its parent", "period")
        inside = not parent.schools or schools <= parent.schools
        _hold(inside, scope, "it covers only schools of its parent", "school_urns")


def _hold(true: bool, scope: Scope, rule: str, field: str) -> None:  # noqa: FBT001 (a checked fact)
    if not true:
        raise BudgetScopeInvalid(f"{field}: {rule}", field=field, scope=scope, rule=rule)


def paying_budget(candidates: list[Budget], school_urn: str, day: date) -> Budget:
    """Choose the budget that pays when a request names none: the nearest to the school.

    Raises:
        NoBudgetForSchool: None covers the school on the day (FAILED_PRECONDITION).
        BudgetFrozen: The nearest is frozen (FAILED_PRECONDITION).
    """
    open_ = [
        budget
        for budget in candidates
        if budget.scope in _NEAREST and budget.covers(school_urn) and budget.period.holds(day)
    ]
    if not open_:
        raise NoBudgetForSchool(
            f"no budget covers school {school_urn} on {day}",
            school_urn=school_urn,
            date=day.isoformat(),
        )
    return unfrozen(min(open_, key=lambda budget: (_NEAREST[budget.scope], budget.created_at)))


def named_budget(budget: Budget, school_urn: str, day: date) -> Budget:
    """Check that a budget which a request names may pay.

    Raises:
        BudgetDoesNotCoverSchool: Another school's (FAILED_PRECONDITION).
        OutsidePeriod: Another year's (FAILED_PRECONDITION).
        BudgetFrozen: It is frozen (FAILED_PRECONDITION).
    """
    if not budget.covers(school_urn):
        raise BudgetDoesNotCoverSchool(
            f"{budget.name} does not cover school {school_urn}",
            budget_id=budget.id,
            school_urn=school_urn,
        )
    if not budget.period.holds(day):
        raise OutsidePeriod(
            f"{day} is outside the year of {budget.name}",
            budget_id=budget.id,
            date=day.isoformat(),
        )
    return unfrozen(budget)


def unfrozen(budget: Budget) -> Budget:
    """Return the budget.

    Raises:
        BudgetFrozen: Nothing new may be promised from it (FAILED_PRECONDITION).
    """
    if budget.frozen:
        raise BudgetFrozen(f"{budget.name} is frozen", budget_id=budget.id)
    return budget


def threshold_reached(figures: Figures) -> int:
    """Return the highest threshold that promised money has reached, 0 when none."""
    given = figures.total
    if not given:
        return 0
    reached = [percent for percent in THRESHOLDS if figures.promised * 100 >= percent * given]
    return max(reached, default=0)
