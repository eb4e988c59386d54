"""Losses: a refund that does not come, a voucher that is gone, accepted by two officers."""

from __future__ import annotations

from dataclasses import replace

from services.chassis.clock import london_date
from services.chassis.unit_of_work import UnitOfWork
from services.fund.commands import booking
from services.fund.commands.steps import record
from services.fund.domain import steps
from services.fund.domain.apportionment import draw
from services.fund.domain.figures import Bucket
from services.fund.domain.ledger import Kind
from services.fund.domain.proposal import Proposal
from services.fund.domain.purchase import Action, Purchase
from services.fund.errors import WriteOffAboveLoss
from services.fund.storage import purchases


def check(work: UnitOfWork, proposal: Proposal) -> Purchase:
    """Return the purchase, locked, if so much of it can be lost.

    Raises:
        PurchaseNotFound: There is no such purchase (NOT_FOUND).
        WriteOffAboveLoss: Less is due back or handed out (FAILED_PRECONDITION).
    """
    purchase = purchases.get(work.connection, work.tenant, proposal.of("purchase_id"), lock=True)
    live = purchase.money.refund_due + purchase.money.issued
    if proposal.amount > live:
        raise WriteOffAboveLoss(
            f"{proposal.amount} pence are written off and {live} are due back or handed out",
            asked_minor=proposal.amount,
            live_minor=live,
        )
    return purchase


def write_off(work: UnitOfWork, proposal: Proposal) -> str:
    """Accept the loss and return the journal's id.

    The refund that is due is lost first, then what was handed out.

    Raises:
        ServiceError: As `check`; PeriodClosed (FAILED_PRECONDITION).
    """
    purchase = check(work, proposal)
    due = min(proposal.amount, purchase.money.refund_due)
    lost = Bucket.WRITTEN_OFF
    shares, first = draw(purchase.shares, due, origin=Bucket.REFUND_DUE, target=lost)
    rest = proposal.amount - due
    shares, second = draw(shares, rest, origin=Bucket.ISSUED, target=lost)
    step = steps.plain(purchase, Action.WRITTEN_OFF, shares=shares)
    step = replace(step, amount=proposal.amount)
    record(work, step, details={"amount_minor": proposal.amount})
    today = london_date(work.at)
    moved = first + second
    return booking.move(work, Kind.WRITE_OFF, moved, effective_on=today, purchase_id=purchase.id).id
