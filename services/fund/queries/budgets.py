"""Budgets with their money."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from services.chassis.auth import Principal, Resource, require
from services.fund.access import ACTIONS
from services.fund.domain.budget import Budget, Pot
from services.fund.domain.figures import NOTHING, Figures
from services.fund.queries.scoping import visible_schools
from services.fund.storage import budgets, totals
from services.fund.storage.book import Book
from services.fund.storage.paging import Cut


@dataclass(frozen=True, slots=True)
class BudgetView:
    """A budget with its own pots, their sum, and the sum of all that is below it too."""

    budget: Budget
    pots: tuple[Pot, ...] = ()
    own: Figures = NOTHING
    whole: Figures = NOTHING


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
    return _views(connection, budgets.page(connection, who.tenant, cut, wanted), Book())


def view(connection: Connection, budget: Budget, book: Book | None = None) -> BudgetView:
    """Return one budget with its money; in a batch, as the batch's book leaves it so far."""
    return _views(connection, [budget], book or Book())[0]


def _views(connection: Connection, found: list[Budget], book: Book) -> list[BudgetView]:
    ids = [budget.id for budget in found]
    own = budgets.pots_of(connection, ids)
    below = totals.read(connection, ids)
    views = []
    for budget in found:
        pots = tuple(
            replace(pot, figures=book.now(pot.id, pot.figures)) for pot in own.get(budget.id, [])
        )
        moved = totals.staged(connection, budget.id, book.staged)
        whole = below.get(budget.id, NOTHING) + moved
        views.append(BudgetView(budget, pots, _sum(pots), whole))
    return views


def _sum(pots: Iterable[Pot]) -> Figures:
    return sum((pot.figures for pot in pots), start=NOTHING)
