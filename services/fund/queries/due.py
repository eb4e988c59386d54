"""The invoices that wait for payment, and what holds each of them back from an officer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from services.chassis.auth import Principal
from services.fund.domain.duties import Judged, judge
from services.fund.domain.payee import standing
from services.fund.domain.paying import Due
from services.fund.storage import deciders, payees, paying, policies
from services.fund.storage.paging import Cut


def judged(
    connection: Connection, who: Principal, dues: Sequence[Due], *, at: datetime
) -> list[Judged]:
    """Return invoices as the officer may pay them now, in the same order."""
    duties = policies.in_force(connection, who.tenant).duties
    changes = payees.changes_by_supplier(connection, who.tenant, [due.supplier_id for due in dues])
    approvers = deciders.approvers_of(connection, [due.purchase_id for due in dues])
    return [
        judge(
            due,
            standing(changes[due.supplier_id], at),
            duties,
            officer=who.subject,
            also=approvers[due.purchase_id],
        )
        for due in dues
    ]


def page(connection: Connection, who: Principal, cut: Cut, *, at: datetime) -> list[Judged]:
    """Return a page of the invoices that wait for payment, by id."""
    return judged(connection, who, paying.waiting_page(connection, who.tenant, cut), at=at)
