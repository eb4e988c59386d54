"""Payment files, reconciliations and statistics."""

from __future__ import annotations

from collections.abc import Mapping

from localresponse.fund.v1 import payments_service_pb2 as pb

from services.chassis.wire import date_to_proto, timestamp_to_proto
from services.fund.commands.paying import Created, Reconciliation
from services.fund.domain.duties import HoldReason, Judged
from services.fund.domain.payee import Account
from services.fund.domain.paying import Due, FileState, Outcome, PaymentFile, content
from services.fund.queries.paying import Statistics
from services.fund.wire.names import Names
from services.fund.wire.values import day_out, money

_STATES = Names(FileState, pb.PaymentFileState, "PAYMENT_FILE_STATE_")
_HOLDS = Names(HoldReason, pb.HoldReason, "HOLD_REASON_")
_OUTCOMES = Names(Outcome, pb.MatchOutcome, "MATCH_OUTCOME_")


def payment_file(file: PaymentFile) -> pb.PaymentFile:
    """Return a payment file; without lines it has no content either."""
    return pb.PaymentFile(
        id=file.id,
        number=file.number,
        state=_STATES.out(file.state),
        line_count=file.line_count,
        total=money(file.total),
        create_time=timestamp_to_proto(file.created_at),
        author_id=file.created_by,
        lines=[_line(due) for due in file.lines],
        content=content(file) if file.lines else "",
    )


def _line(due: Due) -> pb.PaymentLine:
    return pb.PaymentLine(
        position=due.position,
        invoice_id=due.invoice_id,
        purchase_id=due.purchase_id,
        invoice_number=due.invoice_number,
        amount=money(due.amount),
        due_date=date_to_proto(due.due_on),
        paid_date=day_out(due.paid_on),
        account_ending=due.account_ending,
    )


def created(made: Created) -> pb.PaymentFile:
    """Return a new payment file with what was left out of it."""
    message = payment_file(made.file)
    message.held.extend(due_invoice(each) for each in made.held)
    return message


def due_invoice(judged: Judged) -> pb.DueInvoice:
    """Return an invoice that waits for payment."""
    due = judged.due
    message = pb.DueInvoice(
        invoice_id=due.invoice_id,
        purchase_id=due.purchase_id,
        supplier_id=due.supplier_id,
        invoice_number=due.invoice_number,
        amount=money(due.amount),
        due_date=date_to_proto(due.due_on),
    )
    if judged.hold is not None:
        message.hold_reason = _HOLDS.out(judged.hold)
    if judged.held_until is not None:
        message.held_until_time.CopyFrom(timestamp_to_proto(judged.held_until))
    return message


def export(file: PaymentFile, accounts: Mapping[str, Account]) -> pb.PaymentFileExport:
    """Return a payment file as it goes to the finance system."""
    return pb.PaymentFileExport(
        file_stem=f"payments-{file.number}", content=content(file, accounts)
    )


def reconciliation(done: Reconciliation) -> pb.Reconciliation:
    """Return what became of each line of an answer."""
    matched = sum(outcome is Outcome.MATCHED for _, outcome, _ in done.lines)
    return pb.Reconciliation(
        id=done.id,
        payment_file_id=done.file.id,
        lines=[
            pb.ReconciledLine(
                line=paid.line,
                outcome=_OUTCOMES.out(outcome),
                reference=paid.reference,
                invoice_id=due.invoice_id if due else "",
                amount=money(paid.amount),
                expected=money(due.amount) if due else None,
            )
            for paid, outcome, due in done.lines
        ],
        matched_count=matched,
        exception_count=len(done.lines) - matched,
    )


def statistics(value: Statistics) -> pb.PaymentStatistics:
    """Return how fast invoices were paid."""
    return pb.PaymentStatistics(
        paid_count=value.paid,
        paid_total=money(value.total),
        mean_days_hundredths=value.mean_hundredths,
        within_30_days_count=value.within_30,
        within_60_days_count=value.within_60,
        later_count=value.later,
        waiting_count=value.waiting,
        overdue_count=value.overdue,
    )
