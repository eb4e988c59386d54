"""Budgets with their money."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from services.chassis.auth import Principal, Resource, require
from services.fund.access import ACTIONS
from services.fund.domain.budget import Budget, Pot
from services.fund.domain.figures import NOTHING, Figures
from services.fund.queries.scoping import visible_schools
from services.fund.storage import budgets
from services.fund.storage.paging import Cut


@dataclass(frozen=True, slots=True)
class BudgetView:
    """A budget with its own pots, their sum, and the sum of all that is below it too."""

    budget: Budget
    pots: tuple[Pot, ...] = ()
    own: Figures = NOTHING
    whole: Figures = NOTHING


Now = Callable[[str, Figures], Figures]
"""A pot's money as it stands now, from its id and what is stored."""


def get(connection: Connection, who: Principal, budget_id: str) -> BudgetView:
    """Return a budget with its money.

    Raises:
        BudgetNotFound: Unknown, or another authority's (NOT_FOUND).
        PermissionDenied: It covers a school that is not the caller's (ACTION_NOT_ALLOWED).
    """
    budget = budgets.get(connection, who.tenant, budget_id)
    strange = sorted(budget.schools - who.schools) or sorted(budget.schools)
    require(ACTIONS, who, "budget.read", Resource(budget.tenant, next(iter(strange), None)))
    return view(connection, budget)


def page(
    connection: Connection, who: Principal, cut: Cut, *, parent_id: str, school_urn: str
) -> list[BudgetView]:
    """Return a page of the budgets that the caller may see, in the order of their creation."""
    wanted = budgets.Wanted(
        parent_id=parent_id,
        school_urn=school_urn,
        within=visible_schools(who, "budget.read"),
    )
    return _views(connection, budgets.page(connection, who.tenant, cut, wanted))


def view(connection: Connection, budget: Budget, now: Now | None = None) -> BudgetView:
    """Return one budget with its money."""
    return _views(connection, [budget], now)[0]


def _views(
    connection: Connection, found: Iterable[Budget], now: Now | None = None
) -> list[BudgetView]:
    wanted = list(found)
    below = budgets.pots_below(connection, wanted)
    views = []
    for budget in wanted:
        pots = [
            pot if now is None else replace(pot, figures=now(pot.id, pot.figures))
            for pot in below.get(budget.id, [])
        ]
        own = tuple(pot for pot in pots if pot.budget_id == budget.id)
        views.append(BudgetView(budget, own, _sum(own), _sum(pots)))
    return views


def _sum(pots: Iterable[Pot]) -> Figures:
    return sum((pot.figures for pot in pots), start=NOTHING)
