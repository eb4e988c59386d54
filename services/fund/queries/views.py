"""A purchase with as much around it as was asked for."""

from __future__ import annotations

from dataclasses import dataclass

from services.fund.domain.purchase import Purchase
from services.fund.storage.purchases import Invoice, Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionContext:
    """What an officer looks at before deciding; amounts in pence.

    Attributes:
        counted: What is held against the limit, with the purchase in it.
        limit: The caller's limit today; None when they hold none.
        persistently_absent, severely_absent: Children of the request above these lines of absence
            in the academic year in which it was made.
    """

    left_if_approved: int
    left_if_declined: int
    counted: int
    limit: int | None
    may_approve: bool
    approvers_needed: int = 1
    approvals: int = 0
    warnings: tuple[str, ...] = ()
    persistently_absent: int = 0
    severely_absent: int = 0


@dataclass(frozen=True, slots=True)
class PurchaseView:
    """A purchase; its history, papers and context are empty in lists."""

    purchase: Purchase
    timeline: tuple[Recorded, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    context: DecisionContext | None = None
