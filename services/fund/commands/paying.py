"""Payment files out, and the finance system's answers in."""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.chassis.auth import Resource, require
from services.chassis.clock import london_date
from services.chassis.errors import ServiceError
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.chassis.wire import date_to_proto
from services.fund.access import ACTIONS
from services.fund.commands.steps import Target, fact_of, load, record
from services.fund.domain import paying, steps
from services.fund.domain.duties import HoldReason, Judged
from services.fund.domain.paying import Due, FileState, Outcome, Paid, PaymentFile
from services.fund.domain.purchase import Action
from services.fund.errors.papers import PayeeOnHold
from services.fund.errors.paying import NothingToPay, PaymentFileUsed
from services.fund.queries import due as queries
from services.fund.storage import paying as storage
from services.fund.storage import policies
from services.fund.storage.series import next_number


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What became of each line of an answer."""

    id: str
    file: PaymentFile
    lines: tuple[tuple[Paid, Outcome, Due | None], ...]


@dataclass(frozen=True, slots=True)
class Created:
    """A new file, and the invoices that were left out of it."""

    file: PaymentFile
    held: tuple[Judged, ...]


def create(work: UnitOfWork) -> Created:
    """Put every invoice that the caller may pay now into a new file.

    Raises:
        NothingToPay: None waits, or none that the caller may pay (FAILED_PRECONDITION).
        PayeeOnHold: Payees without details, or on hold, hold all of them (FAILED_PRECONDITION).
    """
    require(ACTIONS, work.caller, "payment.create", Resource(work.tenant))
    due = storage.waiting(work.connection, work.tenant)
    judged = queries.judged(work.connection, work.caller, due, at=work.at)
    held = tuple(each for each in judged if each.hold is not None)
    payable = [(each.due, each.payee) for each in judged if each.payee and not each.hold]
    lines = tuple(
        replace(due, position=place, payee_change_id=payee.id, account_ending=payee.ending)
        for place, (due, payee) in enumerate(payable, start=1)
    )
    if not lines:
        raise _nothing(held)
    file = PaymentFile(
        id=new_id(),
        tenant=work.tenant,
        number=next_number(work, "payment_file"),
        state=FileState.OPEN,
        line_count=len(lines),
        total=sum(each.amount for each in lines),
        created_by=work.caller.subject,
        created_at=work.at,
        lines=lines,
    )
    duties = policies.in_force(work.connection, work.tenant).duties
    storage.add(work, file, {payee.id: payee for _, payee in payable}, duties)
    return Created(file, held)


def _nothing(held: tuple[Judged, ...]) -> ServiceError:
    """Return why no file can be made."""
    by_payee = {HoldReason.NO_PAYEE, HoldReason.PAYEE_ON_HOLD}
    if not held or any(each.hold not in by_payee for each in held):
        return NothingToPay(f"nothing can be paid now; {len(held)} are held", held=len(held))
    first = min((each.held_until for each in held if each.held_until), default=None)
    until = first.isoformat() if first else ""
    return PayeeOnHold(
        "every invoice waits for payee details" + (f", the first until {until}" if until else ""),
        held=len(held),
        held_until=until,
    )


def cancel(work: UnitOfWork, file_id: str) -> PaymentFile:
    """Take a file back of which nothing was paid.

    Raises:
        PaymentFileNotFound: There is no such file (NOT_FOUND).
        PaymentFileUsed: It was answered or taken back (FAILED_PRECONDITION).
    """
    file = _open(work, file_id, "payment.create")
    if any(due.paid_on for due in file.lines):
        raise PaymentFileUsed("some of its invoices are paid", state=file.state)
    return storage.set_state(work, file, FileState.CANCELLED)


def reconcile(work: UnitOfWork, file_id: str, text: str) -> Reconciliation:
    """Mark as paid what the finance system paid as asked, and list the rest.

    Raises:
        PaymentFileNotFound: There is no such file (NOT_FOUND).
        PaymentFileUsed: It was taken back, or all of it is paid (FAILED_PRECONDITION).
        ReconciliationRefused: Anything in the answer is wrong (INVALID_ARGUMENT).
    """
    file = _open(work, file_id, "payment.reconcile")
    answer = paying.read_answer(text, file, today=london_date(work.at))
    asked = {due.invoice_id: due for due in file.lines}
    lines = tuple(
        (paid, paying.outcome(paid, asked.get(paid.reference)), asked.get(paid.reference))
        for paid in answer
    )
    done = Reconciliation(new_id(), file, lines)
    storage.add_answer(work, file, done.id, lines)
    matched = {}
    for paid, outcome, due in lines:
        if outcome is Outcome.MATCHED and due is not None:
            _pay(work, file, due, paid)
            matched[due.invoice_id] = paid.paid_on
    after = tuple(
        replace(due, paid_on=due.paid_on or matched.get(due.invoice_id)) for due in file.lines
    )
    if all(due.paid_on for due in after):
        storage.set_state(work, file, FileState.PAID)
    return done


def _pay(work: UnitOfWork, file: PaymentFile, due: Due, paid: Paid) -> None:
    target = Target(due.purchase_id, "", "")
    step = steps.plain(load(work, target, "payment.reconcile"), Action.PAID)
    step = replace(step, amount=paid.amount)
    storage.pay(work, file, due, paid)
    details = {
        "invoice_id": due.invoice_id,
        "paid_date": date_to_proto(paid.paid_on),
        "amount_minor": paid.amount,
    }
    record(work, step, fact=fact_of(work, target, step, effective_on=paid.paid_on), details=details)


def _open(work: UnitOfWork, file_id: str, action: str) -> PaymentFile:
    file = storage.get(work.connection, work.tenant, file_id, lock=True)
    require(ACTIONS, work.caller, action, Resource(file.tenant))
    if file.state is not FileState.OPEN:
        raise PaymentFileUsed(f"file {file.number} is {file.state}", state=file.state)
    return file
