"""Changing where a supplier is paid."""

from __future__ import annotations

from dataclasses import dataclass

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
from services.fund.storage.payee_vault import PayeeVault
from services.fund.wire import money_events as events

_PENDING = {PayeeState.PROPOSED, PayeeState.ON_HOLD}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """New details for a supplier; the reason is free text, personal."""

    supplier_id: str
    account: Account
    reason: str


def propose(work: UnitOfWork, vault: PayeeVault, new: Proposed) -> PayeeChange:
    """Propose new details.

    Raises:
        SupplierNotFound: Nobody has asked for it (NOT_FOUND).
        PayeeChangeWaiting: Another change waits or is on hold (ALREADY_EXISTS).
    """
    require(ACTIONS, work.caller, "payee.propose", Resource(work.tenant))
    supplier = payees.supplier(work.connection, work.tenant, new.supplier_id)
    for earlier in payees.changes_of(work.connection, work.tenant, supplier.id):
        if earlier.state(work.at) in _PENDING:
            raise PayeeChangeWaiting(
                "another change waits or is on hold", payee_change_id=earlier.id
            )
    change_id = new_id()
    change = PayeeChange(
        id=change_id,
        tenant=work.tenant,
        supplier_id=supplier.id,
        sealed=vault.seal(new.account, tenant=work.tenant, change_id=change_id),
        ending=new.account.ending,
        reason=new.reason,
        proposed_by=work.caller.subject,
        proposed_at=work.at,
    )
    payees.propose(work, change)
    work.emit(events.payee_proposed(change), resource=change.id, sequence=1)
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
    confirmed = payees.change(work.connection, work.tenant, change_id)
    work.emit(events.payee_confirmed(confirmed), resource=change_id, sequence=2)
    return confirmed


def reject(work: UnitOfWork, change_id: str, reason: str) -> PayeeChange:
    """Reject proposed details, or stop confirmed ones on hold.

    Raises:
        PayeeChangeNotFound: Unknown, or another authority's (NOT_FOUND).
        PayeeChangeDecided: It was rejected, or is in force (FAILED_PRECONDITION).
    """
    require(ACTIONS, work.caller, "payee.confirm", Resource(work.tenant))
    change = payees.change(work.connection, work.tenant, change_id)
    check_stopping(change, work.at)
    proposed = change.state(work.at) is PayeeState.PROPOSED
    if proposed:
        payees.decide(work, change, confirmed=False)
    else:
        payees.stop(work, change, reason)
    event = events.payee_rejected(change, work.caller.subject)
    work.emit(event, resource=change_id, sequence=2 if proposed else 3)
    return payees.change(work.connection, work.tenant, change_id)
