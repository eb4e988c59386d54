"""Budgets: years, the shape of the tree, and which budget pays."""

from __future__ import annotations

from datetime import date

import pytest

from services.chassis.errors import ServiceError
from services.fund.domain.budget import (
    Budget,
    Period,
    PeriodKind,
    Scope,
    check_shape,
    named_budget,
    paying_budget,
    threshold_reached,
)
from services.fund.domain.figures import Figures
from services.fund.errors import (
    BudgetDoesNotCoverSchool,
    BudgetFrozen,
    BudgetScopeInvalid,
    NoBudgetForSchool,
    OutsidePeriod,
)
from tests.fund.values import TODAY, YEAR, make_budget

FUND = make_budget()
SCHOOL = make_budget(Scope.SCHOOL, "100001")


def test_a_financial_year_runs_from_1_april_to_31_march() -> None:
    assert (YEAR.starts_on, YEAR.ends_on) == (date(2026, 4, 1), date(2027, 3, 31))


def test_an_academic_year_runs_from_1_september_to_31_august() -> None:
    year = Period(PeriodKind.ACADEMIC_YEAR, 2026)

    assert (year.starts_on, year.ends_on) == (date(2026, 9, 1), date(2027, 8, 31))


def test_the_nearest_budget_to_the_school_pays() -> None:
    cluster = make_budget(Scope.CLUSTER, "100001", "100002")

    assert paying_budget([FUND, cluster, SCHOOL], "100001", TODAY) is SCHOOL
    assert paying_budget([FUND, cluster, SCHOOL], "100002", TODAY) is cluster
    assert paying_budget([FUND, cluster, SCHOOL], "100003", TODAY) is FUND


def test_a_teams_budget_pays_only_when_it_is_named() -> None:
    team = make_budget(Scope.TEAM, "100001")

    assert paying_budget([team, FUND], "100001", TODAY) is FUND
    assert named_budget(team, "100001", TODAY) is team


@pytest.mark.parametrize(
    ("budget", "refusal"),
    [
        pytest.param(make_budget(Scope.SCHOOL, "9"), BudgetDoesNotCoverSchool, id="another's"),
        pytest.param(
            make_budget(period=Period(PeriodKind.FINANCIAL_YEAR, 2025)), OutsidePeriod, id="past"
        ),
        pytest.param(make_budget(frozen=True), BudgetFrozen, id="frozen"),
    ],
)
def test_a_named_budget_that_may_not_pay_is_refused(
    budget: Budget, refusal: type[ServiceError]
) -> None:
    with pytest.raises(refusal):
        named_budget(budget, "100001", TODAY)


def test_a_school_without_a_budget_is_told_so() -> None:
    with pytest.raises(NoBudgetForSchool):
        paying_budget([SCHOOL], "100009", TODAY)


@pytest.mark.parametrize(
    ("scope", "schools", "parent"),
    [
        pytest.param(Scope.FUND, {"100001"}, None, id="a fund that names a school"),
        pytest.param(Scope.FUND, set(), FUND, id="a fund below a fund"),
        pytest.param(Scope.SCHOOL, {"100001", "100002"}, FUND, id="two schools in one"),
        pytest.param(Scope.CLUSTER, set(), FUND, id="a cluster of nobody"),
        pytest.param(Scope.CLUSTER, {"100001"}, None, id="a cluster on its own"),
        pytest.param(Scope.SCHOOL, {"100009"}, SCHOOL, id="a school outside its parent"),
    ],
)
def test_a_budget_whose_parts_do_not_fit_is_refused(
    scope: Scope, schools: set[str], parent: Budget | None
) -> None:
    with pytest.raises(BudgetScopeInvalid):
        check_shape(scope, frozenset(schools), parent, YEAR)


@pytest.mark.parametrize(
    ("promised", "percent"), [(0, 0), (49, 0), (50, 50), (74, 50), (75, 75), (99, 90), (100, 100)]
)
def test_thresholds_are_reached_exactly(promised: int, percent: int) -> None:
    assert threshold_reached(Figures(available=100 - promised, reserved=promised)) == percent
