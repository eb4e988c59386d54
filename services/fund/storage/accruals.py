"""What was accrued and never invoiced, and how it went back."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, insert, select

from services.chassis.ids import derived_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.purchase import Purchase
from services.fund.storage import closing
from services.fund.storage.homes import homes
from services.fund.storage.tables.closing import accrual_releases, accruals


def pots_of(connection: Connection, purchase: Purchase) -> set[str]:
    """Return the pots of the purchase in the years that were charged before its invoice."""
    query = select(accruals.c.period_id).where(accruals.c.purchase_id == purchase.id)
    years = set(connection.execute(query).scalars()) - {None}
    places = homes(connection, [share.pot_id for share in purchase.shares])
    return {
        pot_id
        for pot_id, home in places.items()
        if derived_id("period", home.tenant, home.period.kind, str(home.period.start_year)) in years
    }


def release(work: UnitOfWork, purchase_id: str, pence: int) -> None:
    """Count what the pots took back; the row says of no year and of no invoice."""
    closing.settle(work, purchase_id, pence, invoice_id=None)


def release_to_sources(work: UnitOfWork, purchase_id: str, pence: int) -> None:
    """Count what went to the sources instead; its key allows it once."""
    work.connection.execute(
        insert(accrual_releases).values(
            purchase_id=purchase_id,
            tenant=work.tenant,
            amount=pence,
            released_by=work.caller.subject,
            created_at=work.at,
        )
    )


def not_come_back(connection: Connection, purchase: Purchase, pot_ids: Iterable[str]) -> int:
    """Return the pence that closed pots were charged and that have not come back."""
    shut = set(pot_ids)
    charged = sum(share.figures.spent for share in purchase.shares if share.pot_id in shut)
    return max(0, charged - sum(closing.came_back(connection, purchase.id).values()))
