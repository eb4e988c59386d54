"""Delegated limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.chassis.auth import Resource, require
from services.chassis.clock import london_date
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund.access import ACTIONS
from services.fund.domain.approval import Limit, check_new_limit
from services.fund.storage import approvals


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLimit:
    """What an officer may approve, in pence; no first day: today."""

    officer: str
    amount: int
    valid_from: date | None
    valid_to: date | None


def set_limit(work: UnitOfWork, new: NewLimit) -> Limit:
    """Set an officer's limit from a day on.

    Raises:
        DateOutOfRange: It begins in the past, or ends before it begins (INVALID_ARGUMENT).
        OwnLimit: The caller's own (PERMISSION_DENIED).
    """
    require(ACTIONS, work.caller, "limit.set", Resource(work.tenant))
    today = london_date(work.at)
    valid_from = new.valid_from or today
    check_new_limit(new.officer, work.caller.subject, valid=(valid_from, new.valid_to), on=today)
    limit = Limit(
        id=new_id(),
        tenant=work.tenant,
        officer=new.officer,
        limit_minor=new.amount,
        valid_from=valid_from,
        valid_to=new.valid_to,
        set_by=work.caller.subject,
        created_at=work.at,
    )
    approvals.add_limit(work, limit)
    return limit
