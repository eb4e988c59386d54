"""Suppliers and their payee details; of an account only its last digits go out."""

from __future__ import annotations

from datetime import datetime

from localresponse.fund.v1 import suppliers_service_pb2 as pb

from services.chassis.wire import timestamp_to_proto
from services.fund.commands.payees import Proposed
from services.fund.domain.payee import Account, PayeeChange, PayeeState, standing
from services.fund.storage.payees import Supplier
from services.fund.wire.names import PAYEE_STATES

_PENDING = {PayeeState.PROPOSED, PayeeState.ON_HOLD}


def proposed(request: pb.ProposePayeeRequest) -> Proposed:
    """Read new details."""
    return Proposed(
        supplier_id=request.supplier_id,
        account=Account(request.account_holder, request.sort_code, request.account_number),
        reason=request.reason,
    )


def supplier(value: Supplier, changes: list[PayeeChange], at: datetime) -> pb.Supplier:
    """Return a supplier with what is in force of its changes."""
    message = pb.Supplier(
        id=value.id,
        name=value.name,
        change_pending=any(each.state(at) in _PENDING for each in changes),
    )
    now = standing(changes, at).change
    if now is not None and now.in_force_at is not None:
        message.account_ending = now.ending
        message.in_force_time.CopyFrom(timestamp_to_proto(now.in_force_at))
    return message


def change(value: PayeeChange, at: datetime) -> pb.PayeeChange:
    """Return a change as it stands at a moment."""
    message = pb.PayeeChange(
        id=value.id,
        supplier_id=value.supplier_id,
        state=PAYEE_STATES.out(value.state(at)),
        account_ending=value.ending,
        proposed_by_id=value.proposed_by,
        propose_time=timestamp_to_proto(value.proposed_at),
        decided_by_id=value.decided_by,
        reason=value.reason,
    )
    if value.decided_at is not None:
        message.decide_time.CopyFrom(timestamp_to_proto(value.decided_at))
    if value.in_force_at is not None:
        message.in_force_time.CopyFrom(timestamp_to_proto(value.in_force_at))
    return message
