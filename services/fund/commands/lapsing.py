"""What time does by itself: late decisions are told of, requests expire, vouchers lapse."""

from __future__ import annotations

from dataclasses import replace

from services.chassis.clock import london_date
from services.chassis.ids import derived_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund.commands.steps import record
from services.fund.domain import returning, steps
from services.fund.domain.purchase import UNDECIDED, Action, State
from services.fund.domain.returning import Voucher
from services.fund.domain.working_time import working_days_after
from services.fund.storage import policies, purchases, waiting
from services.fund.storage import returning as storage
from services.fund.wire import events


def tell_overdue(work: UnitOfWork, purchase_id: str) -> bool:
    """Raise the event of a late decision, once for each version of a request."""
    purchase = purchases.get(work.connection, work.tenant, purchase_id, lock=True)
    late = purchase.decide_by is not None and purchase.decide_by < work.at
    if purchase.state is not State.SUBMITTED or not late:
        return False
    if not waiting.mark_overdue(work, purchase):
        return False
    told = derived_id("overdue", purchase.id, str(purchase.revision))
    work.emit(events.approval_overdue(purchase), resource=told, sequence=1)
    return True


def expire(work: UnitOfWork, purchase_id: str) -> bool:
    """Give the money of a request back that nobody decided in the policy's time."""
    purchase = purchases.get(work.connection, work.tenant, purchase_id, lock=True)
    policy = policies.in_force(work.connection, work.tenant)
    sent = london_date(purchase.submitted_at)
    last = working_days_after(sent, policy.expiry_working_days)
    if purchase.state not in UNDECIDED or london_date(work.at) <= last:
        return False
    step = steps.give_back(purchase, Action.EXPIRED)
    fact = purchases.Fact(effective_on=london_date(work.at), amount=step.amount)
    record(work, step, fact=fact)
    return True


def lapse(work: UnitOfWork, found: Voucher) -> bool:
    """Give back what was not redeemed of a voucher whose last day has passed."""
    purchase = purchases.get(work.connection, work.tenant, found.purchase_id, lock=True)
    voucher = storage.voucher(work.connection, purchase, found.id)
    today = london_date(work.at)
    if voucher.lapsed_at is not None or voucher.expires_on >= today or not voucher.left:
        return False
    step = returning.lapse(purchase, voucher)
    storage.save_voucher(work, voucher, replace(voucher, lapsed_at=work.at))
    details = {"voucher_id": voucher.id, "amount_minor": step.amount}
    record(work, step, fact=purchases.Fact(effective_on=today, amount=step.amount), details=details)
    return True
