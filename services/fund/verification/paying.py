"""Payment files against who made them and where their money goes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import Connection, select

from services.fund.storage.tables import decisions, invoices
from services.fund.storage.tables.payees import payee_changes, payee_decisions, payee_stops
from services.fund.storage.tables.paying import payment_files, payment_lines
from services.fund.verification.finding import Finding


def by_others(connection: Connection) -> Iterator[Finding]:
    """Find invoices that were put into a file by who recorded them or set their payee."""
    lines, decided = payment_lines.c, payee_decisions.c
    query = (
        select(
            *(lines.file_id, lines.position, lines.tenant, lines.recorder_may_pay),
            *(lines.payee_officers_may_pay, payment_files.c.created_by, invoices.c.recorded_by),
            *(decided.proposed_by, decided.decided_by),
        )
        .join(payment_files, payment_files.c.id == lines.file_id)
        .join(invoices, invoices.c.id == lines.invoice_id)
        .join(payee_decisions, decided.change_id == lines.payee_change_id)
    )
    for row in connection.execute(query):
        where = f"payment_lines {row.file_id} {row.position}"
        if row.created_by == row.recorded_by and not row.recorder_may_pay:
            yield Finding(12, row.tenant, where, "who recorded the invoice pays it")
        hands = {row.proposed_by, row.decided_by}
        if row.created_by in hands and not row.payee_officers_may_pay:
            yield Finding(12, row.tenant, where, "who set the payee pays to it")


def not_by_approvers(connection: Connection) -> Iterator[Finding]:
    """Find sums above the policy's that were put into a file by who had approved the purchase."""
    lines, decided = payment_lines.c, decisions.c
    query = (
        select(lines.file_id, lines.position, lines.tenant)
        .join(payment_files, payment_files.c.id == lines.file_id)
        .join(decisions, decided.purchase_id == lines.purchase_id)
        .where(
            lines.amount > lines.approver_pays_up_to,
            decided.outcome != "declined",
            decided.decided_at <= payment_files.c.created_at,
            payment_files.c.created_by.in_((decided.decider, decided.on_behalf_of)),
        )
        .distinct()
    )
    for row in connection.execute(query):
        where = f"payment_lines {row.file_id} {row.position}"
        yield Finding(12, row.tenant, where, "who approved the purchase pays for it")


def held_a_day(connection: Connection) -> Iterator[Finding]:
    """Find invoices that were put into a file for details that were not in force, or others'."""
    lines, decided = payment_lines.c, payee_decisions.c
    query = (
        select(
            *(lines.file_id, lines.position, lines.tenant, payment_files.c.created_at),
            *(decided.confirmed, decided.decided_at, decided.hold_s, payee_stops.c.stopped_at),
            *(payee_changes.c.supplier_id, invoices.c.supplier_id.label("invoiced_by")),
        )
        .join(payment_files, payment_files.c.id == lines.file_id)
        .join(invoices, invoices.c.id == lines.invoice_id)
        .join(payee_changes, payee_changes.c.id == lines.payee_change_id, isouter=True)
        .join(payee_decisions, decided.change_id == payee_changes.c.id, isouter=True)
        .join(payee_stops, payee_stops.c.change_id == payee_changes.c.id, isouter=True)
    )
    for row in connection.execute(query):
        where = f"payment_lines {row.file_id} {row.position}"
        if row.supplier_id != row.invoiced_by:
            yield Finding(12, row.tenant, where, "its payee is another supplier")
        elif row.confirmed != "yes" or row.stopped_at is not None:
            yield Finding(12, row.tenant, where, "nobody confirmed its payee")
        elif row.decided_at + timedelta(seconds=row.hold_s) > row.created_at:
            yield Finding(12, row.tenant, where, "its payee was on hold")
