"""The steps between soft and hard close. Each settles what is left, so it may be run again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

from services.chassis.auth import Resource, require
from services.chassis.clock import london_date
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund.access import ACTIONS
from services.fund.commands import carrying, holding_over
from services.fund.commands.carrying import Carrying
from services.fund.commands.steps import record
from services.fund.domain import steps
from services.fund.domain.budget import Budget, Period
from services.fund.domain.closing import YearEndStep, check_state, draw_from, settle_some
from services.fund.domain.figures import Bucket
from services.fund.domain.ledger import Kind
from services.fund.domain.periods import next_year
from services.fund.domain.purchase import Action
from services.fund.domain.shares import IN_ORDER
from services.fund.storage import budgets, closing, periods, pots, purchases
from services.fund.storage.periods import Year

T = TypeVar("T")
MOST = 200
"""Items that one call settles."""


@dataclass(frozen=True, slots=True)
class Run:
    """A step of a year; `accrue_from` in pence, the least that is accrued for one purchase."""

    period: Period
    step: YearEndStep
    accrue_from: int = 1


@dataclass(frozen=True, slots=True)
class Progress:
    """What a call did; `undecided` names sources whose funders have not answered."""

    step: YearEndStep
    settled: int = 0
    pence: int = 0
    remaining: int = 0
    undecided: tuple[str, ...] = field(default=())


def run(work: UnitOfWork, asked: Run) -> Progress:
    """Run a step of a soft-closed year.

    Raises:
        WrongPeriodState: It is open or closed (FAILED_PRECONDITION).
        NextBudgetMissing: There is nowhere to carry to (FAILED_PRECONDITION).
        PeriodClosed: The next year's books are closed (FAILED_PRECONDITION).
    """
    require(ACTIONS, work.caller, "period.close", Resource(work.tenant))
    year = periods.get(work.connection, work.tenant, asked.period, lock=True)
    check_state(year.state, asked.period, "run year end")
    return _STEPS[asked.step](work, year, asked)


def counts_for(work: UnitOfWork, period: Period) -> date:
    """Return the day that year end counts for: the year's last, or today while it runs."""
    return min(london_date(work.at), period.ends_on)


def _open_next(work: UnitOfWork, _year: Year, asked: Run) -> Progress:
    """Make the budgets of the next year that are missing, from the root down."""
    known = budgets.of_year(work.connection, work.tenant, asked.period)
    made = 0
    placed: dict[str, Budget] = {}
    for budget in sorted(known, key=lambda each: len(each.path)):
        following = budgets.named(work.connection, work.tenant, budget, next_year(budget.period))
        if following is None:
            following = _following(work, budget, placed.get(budget.parent_id))
            budgets.add(work, following)
            made += 1
        placed[budget.id] = following
    return Progress(asked.step, made)


def _following(work: UnitOfWork, budget: Budget, parent: Budget | None) -> Budget:
    budget_id = new_id()
    return replace(
        budget,
        id=budget_id,
        parent_id=parent.id if parent else "",
        path=f"{parent.path if parent else '/'}{budget_id}/",
        period=next_year(budget.period),
        created_at=work.at,
        frozen=False,
        threshold_percent=0,
        version=1,
        shares=IN_ORDER,
    )


def _release(work: UnitOfWork, year: Year, asked: Run) -> Progress:
    found = _ids(work, closing.holding(work.tenant, asked.period, [Bucket.RESERVED]))
    step = Carrying(work, year, counts_for(work, asked.period))
    return _some(asked, step, found, lambda each: holding_over.settle(step, each))


def _some(asked: Run, step: Carrying, found: Sequence[T], act: Callable[[T], None]) -> Progress:
    def settle(item: T) -> bool:
        before = step.settled
        act(item)
        return step.settled > before

    left = settle_some(found, settle, most=MOST)
    undecided = tuple(sorted(step.undecided))
    return Progress(asked.step, step.settled, step.pence, left, undecided)


def _accrue(work: UnitOfWork, year: Year, asked: Run) -> Progress:
    here = {pot.id: pot for pot in closing.pots_in(work.connection, work.tenant, asked.period)}
    found = _ids(work, closing.holding(work.tenant, asked.period, [Bucket.RECEIVED]))
    settled = pence = 0
    for place, purchase_id in enumerate(found, start=1):
        purchase = purchases.get(work.connection, work.tenant, purchase_id, lock=True)
        shares, moves = draw_from(
            purchase.shares, here, origin=Bucket.RECEIVED, target=Bucket.SPENT
        )
        charged = sum(move.pence for move in moves)
        if charged < asked.accrue_from:
            continue
        step = steps.plain(purchase, Action.ACCRUED, shares=shares)
        step = replace(step, postings=((Kind.ACCRUE, moves),), amount=charged)
        on = counts_for(work, asked.period)
        fact = purchases.Fact(effective_on=on, amount=charged)
        closing.accrue(work, purchase_id, charged, period_id=year.id)
        record(work, step, fact=fact, details={"amount_minor": charged})
        settled, pence = settled + 1, pence + charged
        if settled == MOST:
            return Progress(asked.step, settled, pence, len(found) - place)
    return Progress(asked.step, settled, pence)


def _carry(work: UnitOfWork, year: Year, asked: Run) -> Progress:
    found = _ids(work, closing.holding(work.tenant, asked.period, carrying.LIVE))
    step = Carrying(work, year, counts_for(work, asked.period))
    return _some(asked, step, found, step.purchase)


def _settle(work: UnitOfWork, year: Year, asked: Run) -> Progress:
    step = Carrying(work, year, counts_for(work, asked.period))
    found = [pot for pot in step.here.values() if pots.available(work, pot.id, 0).available]
    return _some(asked, step, found, step.pot)


def _ids(work: UnitOfWork, query: object) -> list[str]:
    return list(work.connection.execute(query).scalars())  # type: ignore[call-overload]  # a Select


_STEPS: dict[YearEndStep, Callable[[UnitOfWork, Year, Run], Progress]] = {
    YearEndStep.OPEN_NEXT: _open_next,
    YearEndStep.RELEASE_UNAPPROVED: _release,
    YearEndStep.ACCRUE: _accrue,
    YearEndStep.CARRY_COMMITMENTS: _carry,
    YearEndStep.SETTLE_AVAILABLE: _settle,
}
