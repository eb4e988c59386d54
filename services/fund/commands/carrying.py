"""Carrying a year's money into the next, handing it back, or letting a commitment lapse."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from services.chassis.unit_of_work import UnitOfWork
from services.fund.commands import booking
from services.fund.commands.steps import record
from services.fund.domain import steps
from services.fund.domain.amounts import name_key
from services.fund.domain.apportionment import Share
from services.fund.domain.budget import Budget
from services.fund.domain.closing import LIVE, carry, carrying, draw_from
from services.fund.domain.figures import Bucket, Figures
from services.fund.domain.ledger import Entry, Kind, external_account, pot_account
from services.fund.domain.periods import check_accepting, named, next_year
from services.fund.domain.purchase import Action, Purchase, State
from services.fund.domain.terms import CarryForward
from services.fund.errors import NextBudgetMissing
from services.fund.storage import book, budgets, closing, periods, pots, purchases, sources
from services.fund.storage import source_changes as changes
from services.fund.storage.periods import Year
from services.fund.wire import money_events as events

__all__ = ["LIVE", "Carrying"]

_GOES_ON = frozenset({State.APPROVED, State.ORDERED, State.DELIVERED})


class Carrying:
    """One call of a step that moves money out of a year.

    Attributes:
        day: What it does counts for, Europe/London.
        here: The year's pots by id.
        waiting: Purchases and pots that wait for a funder's answer.
        undecided: The sources of those funders.
    """

    def __init__(self, work: UnitOfWork, year: Year, day: date) -> None:
        self.work = work
        self.year = year
        self.day = day
        tenant = work.tenant
        self.here = {pot.id: pot for pot in closing.pots_in(work.connection, tenant, year.period)}
        self._rules = closing.rules_of(work.connection, tenant, year.id)
        self.settled = 0
        self.pence = 0
        self.waiting: set[str] = set()
        self.undecided: set[str] = set()

    def purchase(self, purchase_id: str) -> None:
        """Carry what is live in a purchase, or let its commitments lapse, by source.

        Raises:
            NextBudgetMissing: There is nowhere to carry to (FAILED_PRECONDITION).
        """
        purchase = purchases.get(self.work.connection, self.work.tenant, purchase_id, lock=True)
        own = [share for share in purchase.shares if self._live(share)]
        asked = {share.source_id for share in own if self.rule(share) is CarryForward.ASK}
        if asked:
            self.waiting.add(purchase_id)
            self.undecided |= asked
            return
        lapsing = {share.pot_id: share for share in own if self.rule(share) is CarryForward.RETURN}
        if any(share.figures.committed for share in lapsing.values()):
            purchase = self._lapse(purchase, lapsing)
        if any(self._live(share) for share in purchase.shares):
            self._carry(purchase)
        self.settled += 1

    def pot(self, placed: closing.Placed) -> None:
        """Carry or hand back what a pot has available, as its source's rule says.

        Raises:
            NextBudgetMissing: There is nowhere to carry to (FAILED_PRECONDITION).
        """
        pence = pots.available(self.work, placed.id, 0).available
        if not pence:
            return
        match self._rules[placed.source_id]:
            case CarryForward.ASK:
                self.waiting.add(placed.id)
                self.undecided.add(placed.source_id)
                return
            case CarryForward.RETURN:
                self._hand_back(placed, pence)
            case CarryForward.KEEP:
                self._keep(placed, pence)
        self.settled += 1
        self.pence += pence

    def _live(self, share: Share) -> bool:
        return share.pot_id in self.here and any(share.figures.of(bucket) for bucket in LIVE)

    def rule(self, share: Share) -> CarryForward:
        """Return what becomes of a share's money."""
        return self._rules[share.source_id]

    def _lapse(self, purchase: Purchase, lapsing: dict[str, Share]) -> Purchase:
        """Give back what is on order from sources that do not keep; an empty order is off."""
        committed = sum(share.figures.committed for share in lapsing.values())
        fact = purchases.Fact(effective_on=self.day, amount=committed, reason="Lapsed at year end.")
        used = purchase.money.received + purchase.money.spent
        off = purchase.state in {State.APPROVED, State.ORDERED} and not used
        if off and committed == purchase.money.committed:
            step = steps.cancel(purchase)
            record(self.work, step, fact=fact)
        else:
            shares, moves = draw_from(
                purchase.shares, lapsing, origin=Bucket.COMMITTED, target=Bucket.AVAILABLE
            )
            step = steps.plain(purchase, Action.RELEASED, shares=shares)
            step = replace(step, postings=((Kind.LAPSE, moves),), amount=committed)
            record(self.work, step, fact=fact, details={"amount_minor": committed})
        self.pence += committed
        return step.after

    def _carry(self, purchase: Purchase) -> None:
        moved = carry(purchase.shares, self.here, into=self._into, year=named(self.year.period))
        budget_id = self._budget_after(purchase)
        step = steps.plain(purchase, Action.CARRIED, shares=moved.shares, budget_id=budget_id)
        step = replace(step, amount=moved.pence)
        booking.write(
            self.work,
            Kind.CARRY,
            moved.entries,
            effective_on=self.day,
            owner=purchase.id,
        )
        fact = purchases.Fact(effective_on=self.day, amount=moved.pence)
        record(self.work, step, fact=fact, details={"amount_minor": moved.pence})
        for pot_id, difference in moved.changes.items():
            book.change(self.work, pot_id, difference)
        self.pence += moved.pence

    def _budget_after(self, purchase: Purchase) -> str:
        """Return the budget that a purchase belongs to from now on.

        One that goes on is the next year's: what more it costs is promised and paid there. One
        that is over, and only waits for a refund, stays with the budget that paid for it.
        """
        budget = budgets.get(self.work.connection, self.work.tenant, purchase.budget_id)
        if purchase.state not in _GOES_ON or budget.period != self.year.period:
            return budget.id
        return self.next_budget(budget.id).id

    def _keep(self, placed: closing.Placed, pence: int) -> None:
        target, pot_id = self.next_home(placed)
        live = Figures(available=pence)
        entries = tuple(
            carrying(placed.source_id, (placed.id, pot_id), live, year=named(self.year.period))
        )
        booking.write(self.work, Kind.CARRY, entries, effective_on=self.day)
        book.put_in(self.work, placed.id, -pence)
        book.put_in(self.work, pot_id, pence)
        sequence = budgets.next_sequence(self.work, placed.budget_id)
        event = events.budget_carried(placed.budget_id, target.id, placed.source_id, pence=pence)
        self.work.emit(event, resource=placed.budget_id, sequence=sequence)

    def _hand_back(self, placed: closing.Placed, pence: int) -> None:
        source = sources.get(self.work.connection, self.work.tenant, placed.source_id, lock=True)
        entries = (
            Entry(pot_account(placed.id, Bucket.AVAILABLE), -pence, placed.id, source.id),
            Entry(external_account(name_key(source.funder)), pence, source_id=source.id),
        )
        booking.write(self.work, Kind.RETURN, entries, effective_on=self.day)
        sequence, total = changes.hand_back(self.work, source.id, allocated=pence)
        book.put_in(self.work, placed.id, -pence)
        event = events.source_returned(source.id, placed.id, pence, total=total)
        self.work.emit(event, resource=source.id, sequence=sequence)

    def _into(self, share: Share) -> str:
        return self.next_home(self.here[share.pot_id])[1]

    def next_home(self, placed: closing.Placed) -> tuple[Budget, str]:
        """Return the next year's budget for a pot, and its pot there.

        Raises:
            PeriodSoftClosed, NextBudgetMissing: There is nowhere to carry to
                (FAILED_PRECONDITION).
        """
        work = self.work
        target = self.next_budget(placed.budget_id)
        source = sources.get(work.connection, work.tenant, placed.source_id)
        return target, budgets.pot_for(work, target, source)

    def next_budget(self, budget_id: str) -> Budget:
        """Return the next year's budget of the same name.

        Raises:
            PeriodSoftClosed, NextBudgetMissing: There is nowhere to carry to
                (FAILED_PRECONDITION).
        """
        work = self.work
        budget = budgets.get(work.connection, work.tenant, budget_id)
        after = next_year(budget.period)
        check_accepting(periods.shut(work), (after,))
        target = budgets.named(work.connection, work.tenant, budget, after)
        if target is None:
            raise NextBudgetMissing(
                f"there is no {budget.name} in the {named(after)}", budget_id=budget.id
            )
        return target
