"""What is known of the call being served, so that its audit row can go with its own commit."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from services.chassis.auth import Principal


@dataclass(slots=True)
class AuditedCall:
    """One rpc being served.

    Attributes:
        principal: Who calls.
        rpc: `localresponse.fund.v1.PurchaseService/ApprovePurchase`.
        action: From the method's option.
        rule: The rule of the action table that let the call in, or kept it out.
        recorded: True once a row for it goes with the call's own commit.
    """

    principal: Principal
    rpc: str
    action: str
    rule: str
    recorded: bool = False


_CURRENT: ContextVar[AuditedCall | None] = ContextVar("audited_call", default=None)


def current() -> AuditedCall | None:
    """Return the call being served in this task; None in jobs and consumers."""
    return _CURRENT.get()


def enter(call: AuditedCall) -> None:
    """Make `call` the current one until this task ends; each rpc has a task of its own."""
    _CURRENT.set(call)
