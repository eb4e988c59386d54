"""Requests that nobody decided before their year ended: held in the next year, or lapsed.

None is withdrawn behind its requester's back: what cannot be held in the next year expires, with
the reason in its history and an event that tells of it.
"""

from __future__ import annotations

from dataclasses import replace

from services.chassis.clock import london_date
from services.chassis.errors import FailedPrecondition
from services.fund.commands import booking
from services.fund.commands.carrying import Carrying
from services.fund.commands.steps import record
from services.fund.domain import steps
from services.fund.domain.amending import need_of, taken
from services.fund.domain.apportionment import Share, plan
from services.fund.domain.approval import content_hash
from services.fund.domain.budget import Budget, unfrozen
from services.fund.domain.holding_over import HeldOver, NextYear, hold_over
from services.fund.domain.ledger import Kind
from services.fund.domain.periods import named
from services.fund.domain.purchase import Action, Purchase
from services.fund.domain.terms import CarryForward, Need
from services.fund.storage import book, budgets, funding, purchases, revisions

_CARRIED = "Carried to the next year undecided."


def settle(step: Carrying, purchase_id: str) -> None:
    """Hold a request in the next year, let it lapse, or wait for a funder's answer.

    Raises:
        NextBudgetMissing: There is nowhere to hold it (FAILED_PRECONDITION).
    """
    purchase = purchases.get(step.work.connection, step.work.tenant, purchase_id, lock=True)
    own = [each for each in purchase.shares if each.figures.reserved and each.pot_id in step.here]
    asked = {share.source_id for share in own if step.rule(share) is CarryForward.ASK}
    if asked:
        step.waiting.add(purchase_id)
        step.undecided |= asked
        return
    target = step.next_budget(purchase.budget_id)
    try:
        following = _following(step, purchase, own, target)
    except FailedPrecondition as refused:
        _lapse(step, purchase, refused)
    else:
        _hold(step, hold_over(purchase, following))
    step.settled += 1
    step.pence += purchase.money.reserved


def _following(step: Carrying, purchase: Purchase, own: list[Share], target: Budget) -> NextYear:
    """Return where the request is held next year.

    Raises:
        BudgetFrozen, NoEligibleSource, PotExhausted: Nowhere (FAILED_PRECONDITION).
    """
    on = max(london_date(step.work.at), unfrozen(target).period.starts_on)
    need = need_of(purchase, on)
    kept = _kept(step, purchase, own, need)
    short = sum(share.figures.reserved for share in own if share.pot_id not in kept)
    planned: tuple[Share, ...] = ()
    if short:
        left = replace(purchase, shares=tuple(_left(each, kept) for each in purchase.shares))
        payers = [
            replace(payer, taken=taken(left, payer)) for payer in funding.payers(step.work, target)
        ]
        planned = plan(payers, need, short, budget_id=target.id)
    return NextYear(
        budget_id=target.id,
        kept={pot_id: step.here[pot_id] for pot_id in kept},
        lost={share.pot_id: share for share in own if share.pot_id not in kept},
        planned=planned,
        into=lambda share: step.next_home(step.here[share.pot_id])[1],
        year=named(step.year.period),
    )


def _left(share: Share, kept: set[str]) -> Share:
    """Return a share as it is once what stays behind was given back."""
    if share.pot_id in kept:
        return share
    return replace(share, figures=replace(share.figures, reserved=0))


def _kept(step: Carrying, purchase: Purchase, own: list[Share], need: Need) -> set[str]:
    """Return the pots whose money goes along: their sources keep it, and may still pay then."""
    budget = budgets.get(step.work.connection, step.work.tenant, purchase.budget_id)
    able = {
        payer.pot.id
        for payer in funding.payers(step.work, budget)
        if not payer.terms.broken_by(need)
    }
    keeping = {share.pot_id for share in own if step.rule(share) is CarryForward.KEEP}
    return keeping & able


def _lapse(step: Carrying, purchase: Purchase, refused: FailedPrecondition) -> None:
    reason = f"Lapsed at year end: the next year cannot hold it ({refused.reason})."
    given_back = steps.give_back(purchase, Action.EXPIRED)
    fact = purchases.Fact(effective_on=step.day, reason=reason, amount=given_back.amount)
    record(step.work, given_back, fact=fact, details={"at_year_end": True})


def _hold(step: Carrying, held: HeldOver) -> None:
    work, purchase, moved = step.work, held.step.after, held.carried
    revisions.keep(work, held.step.before, _CARRIED, content_hash(held.step.before))
    if held.released:
        booking.move(
            work, Kind.RELEASE, held.released, effective_on=step.day, purchase_id=purchase.id
        )
    if moved.entries:
        booking.write(work, Kind.CARRY, moved.entries, effective_on=step.day, owner=purchase.id)
    for pot_id, difference in moved.changes.items():
        book.change(work, pot_id, difference)
    if held.reserved:
        today = london_date(work.at)
        booking.move(work, Kind.RESERVE, held.reserved, effective_on=today, purchase_id=purchase.id)
    fact = purchases.Fact(effective_on=step.day, amount=held.step.amount, reason=_CARRIED)
    record(work, held.step, fact=fact, details={"amount_minor": held.step.amount})
