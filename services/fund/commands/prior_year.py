"""Money that comes back for a year whose books are closed: it goes to its sources, as new money.

The closed pots keep what they charged. A credit note for it is kept without a posting, and what
year end charged too much goes back the same way.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from services.chassis.unit_of_work import UnitOfWork
from services.fund.commands import booking
from services.fund.commands.steps import Target, fact_of, record
from services.fund.domain import steps
from services.fund.domain.ledger import Kind, external_account, source_account, transfer
from services.fund.domain.purchase import Action, Purchase
from services.fund.domain.returning import Spent
from services.fund.errors.approvals import CreditAboveInvoiced
from services.fund.queries.views import PurchaseView
from services.fund.storage import closing, source_changes
from services.fund.storage import returning as storage

_SUPPLIERS = external_account("suppliers")


def applies(work: UnitOfWork, purchase: Purchase) -> bool:
    """Return whether nothing is due and what was charged was charged to a closed year."""
    charged = [share.pot_id for share in purchase.shares if share.figures.spent]
    return not purchase.money.refund_due and bool(closing.closed(work.connection, charged))


def spent(work: UnitOfWork, purchase: Purchase) -> Spent:
    """Return what credit notes of a purchase can still give back."""
    charged = [share.pot_id for share in purchase.shares if share.figures.spent]
    credited = storage.credited_for_closed_years(work.connection, purchase.id)
    came = sum(closing.came_back(work.connection, purchase.id).values())
    shut = frozenset(closing.closed(work.connection, charged))
    return Spent(shut, max(credited, came))


def refund(
    work: UnitOfWork, target: Target, purchase: Purchase, *, refund_id: str, pence: int
) -> PurchaseView:
    """Give what came back to the sources that paid, the last place of the plan first.

    Raises:
        WrongState: Nothing was ordered (FAILED_PRECONDITION).
        CreditAboveInvoiced: More than was charged to closed years and has not come back
            (FAILED_PRECONDITION).
        PeriodClosed: Today's year is closed too (FAILED_PRECONDITION).
    """
    step = replace(steps.plain(purchase, Action.REFUNDED), amount=pence)
    give_back(work, purchase, pence)
    details = {"refund_id": refund_id, "amount_minor": pence, "to_source": True}
    return record(work, step, fact=fact_of(work, target, step), details=details)


def give_back(work: UnitOfWork, purchase: Purchase, pence: int) -> None:
    """Book what closed years were charged and need not be, as new money of its sources.

    Raises:
        CreditAboveInvoiced: More than was charged to closed years and has not come back
            (FAILED_PRECONDITION).
        PeriodClosed: Today's year is closed too (FAILED_PRECONDITION).
    """
    parts = _split(work, purchase, pence)
    entries = tuple(
        entry
        for source_id, part in parts.items()
        for entry in transfer(
            _SUPPLIERS, source_account(source_id, "unallocated"), part, source_id=source_id
        )
    )
    booking.write(work, Kind.PRIOR_YEAR, entries, owner=purchase.id)
    for source_id, part in sorted(parts.items()):
        source_changes.shift(work, source_id, unallocated=part)


def _split(work: UnitOfWork, purchase: Purchase, pence: int) -> dict[str, int]:
    shut = closing.closed(work.connection, [share.pot_id for share in purchase.shares])
    came = closing.came_back(work.connection, purchase.id)
    parts: dict[str, int] = defaultdict(int)
    left = pence
    for share in reversed(purchase.shares):
        charged = share.figures.spent if share.pot_id in shut else 0
        before = min(charged, came.get(share.source_id, 0))
        came[share.source_id] = came.get(share.source_id, 0) - before
        part = min(left, charged - before)
        if part:
            parts[share.source_id] += part
            left -= part
    if left:
        raise CreditAboveInvoiced(
            f"{pence} pence came back and {pence - left} were charged to closed years",
            asked_minor=pence,
            spent_minor=pence - left,
        )
    return dict(parts)
