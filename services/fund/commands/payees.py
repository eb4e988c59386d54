"""Changing where a supplier is paid."""

from __future__ import annotations

from services.chassis.auth import Resource, require
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund.access import ACTIONS
from services.fund.domain.payee import (
    Account,
    PayeeChange,
    PayeeState,
    check_confirming,
    check_stopping,
)
from services.fund.errors.papers import PayeeChangeWaiting
from services.fund.storage import payees

_PENDING = {PayeeState.PROPOSED, PayeeState.ON_HOLD}


def propose(work: UnitOfWork, supplier_id: str, account: Account, *, reason: str) -> PayeeChange:
    """Propose new details.

    Raises:
        SupplierNotFound: Nobody has asked for it (NOT_FOUND).
        PayeeChangeWaiting: Another change waits or is on hold (ALREADY_EXISTS).
    """
    require(ACTIONS, work.caller, "payee.propose", Resource(work.tenant))
    supplier = payees.supplier(work.connection, work.tenant, supplier_id)
    for earlier in payees.changes_of(work.connection, work.tenant, supplier.id):
        if earlier.state(work.at) in _PENDING:
            raise PayeeChangeWaiting(
                "another change waits or is on hold", payee_change_id=earlier.id
            )
    change = PayeeChange(
        id=new_id(),
        tenant=work.tenant,
        supplier_id=supplier.id,
        account=account,
        reason=reason,
        proposed_by=work.caller.subject,
        proposed_at=work.at,
    )
    payees.propose(work, change)
    return change


def confirm(work: UnitOfWork, change_id: str) -> PayeeChange:
    """Confirm proposed details; they hold after the hold.

    Raises:
        PayeeChangeNotFound: Unknown, or another authority's (NOT_FOUND).
        ProposerMayNotConfirm: The caller proposed it (PERMISSION_DENIED).
        PayeeChangeDecided: It was confirmed or rejected (FAILED_PRECONDITION).
    """
    require(ACTIONS, work.caller, "payee.confirm", Resource(work.tenant))
    change = payees.change(work.connection, work.tenant, change_id)
    check_confirming(change, work.caller.subject, work.at)
    payees.decide(work, change, confirmed=True)
    return payees.change(work.connection, work.tenant, change_id)


def reject(work: UnitOfWork, change_id: str, reason: str) -> PayeeChange:
    """Reject proposed details, or stop confirmed ones on hold.

    Raises:
        PayeeChangeNotFound: Unknown, or another authority's (NOT_FOUND).
        PayeeChangeDecided: It was rejected, or is in force (FAILED_PRECONDITION).
    """
    require(ACTIONS, work.caller, "payee.confirm", Resource(work.tenant))
    change = payees.change(work.connection, work.tenant, change_id)
    check_stopping(change, work.at)
    if change.state(work.at) is PayeeState.PROPOSED:
        payees.decide(work, change, confirmed=False)
    else:
        payees.stop(work, change, reason)
    return payees.change(work.connection, work.tenant, change_id)
