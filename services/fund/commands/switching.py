"""Freezing a budget and choosing how its purchases are shared."""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.chassis.auth import Resource, require
from services.chassis.unit_of_work import UnitOfWork
from services.fund.access import ACTIONS
from services.fund.domain.budget import Budget
from services.fund.domain.shares import SharePlan, check_plan
from services.fund.errors import StaleEtag
from services.fund.queries.budgets import BudgetView, view
from services.fund.storage import budget_switches, budgets
from services.fund.storage.book import book_of
from services.fund.wire import money_events as events


@dataclass(frozen=True, slots=True)
class Switch:
    """Which budget, as the caller has read it, and why; an empty etag is not looked at."""

    budget_id: str
    etag: str
    reason: str = ""


def freeze(work: UnitOfWork, asked: Switch, *, frozen: bool) -> BudgetView:
    """Freeze a budget, or end a freeze; what is so already stays so.

    Raises:
        BudgetNotFound: There is no such budget (NOT_FOUND).
        StaleEtag: It has changed since (ABORTED).
    """
    budget = _load(work, asked, "budget.freeze")
    if budget.frozen == frozen:
        return _view(work, budget)
    after = replace(budget, frozen=frozen, version=budget.version + 1)
    sequence = budget_switches.set_frozen(work, after, asked.reason)
    work.emit(events.budget_switched(after), resource=budget.id, sequence=sequence)
    return _view(work, after)


def apportion(work: UnitOfWork, asked: Switch, plan: SharePlan) -> BudgetView:
    """Share the budget's purchases differently from now on.

    Raises:
        BudgetNotFound: There is no such budget (NOT_FOUND).
        StaleEtag: It has changed since (ABORTED).
        SharesInvalid: The plan cannot share every purchase (INVALID_ARGUMENT).
    """
    budget = _load(work, asked, "budget.apportion")
    own = budgets.pots_of(work.connection, [budget.id]).get(budget.id, [])
    check_plan(plan, {pot.source_id for pot in own})
    after = replace(budget, shares=plan, version=budget.version + 1)
    budget_switches.set_shares(work, after)
    return _view(work, after)


def _load(work: UnitOfWork, asked: Switch, action: str) -> Budget:
    budget = budgets.get(work.connection, work.tenant, asked.budget_id)
    require(ACTIONS, work.caller, action, Resource(budget.tenant))
    if asked.etag and asked.etag != str(budget.version):
        raise StaleEtag(
            "the budget has changed; read it again",
            etag=asked.etag,
            current_etag=str(budget.version),
        )
    return budget


def _view(work: UnitOfWork, budget: Budget) -> BudgetView:
    return view(work.connection, budget, book_of(work))
