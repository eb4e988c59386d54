"""What the random walk over the fund knows beside its rules: the way of a purchase, and reads."""

from __future__ import annotations

from collections import defaultdict

from localresponse.fund.v1 import suppliers_service_pb2 as suppliers
from sqlalchemy import Connection, select

from services.fund.storage import tables
from tests.fund.world import OFFICER, PRACTITIONER, World

STAGES = (
    (OFFICER, "ApprovePurchase"),
    (OFFICER, "OrderPurchase"),
    (PRACTITIONER, "RecordDelivery"),
    (OFFICER, "RecordInvoice"),
    (OFFICER, "ClosePurchase"),
)
"""The way of a purchase whose goods come and are invoiced."""


async def supplier_of(world: World) -> str:
    """Return the only supplier there is."""
    listed = await world.call(OFFICER, "ListSuppliers", suppliers.ListSuppliersRequest())
    return str(listed.suppliers[0].id)


def came_back(connection: Connection) -> dict[str, int]:
    """Return what each source got back for closed years, which is banked as new money."""
    found: dict[str, int] = defaultdict(int)
    entries, journals = tables.entries, tables.journals
    query = select(entries.c.source_id, entries.c.amount).join(
        journals, journals.c.id == entries.c.journal_id
    )
    for row in connection.execute(query.where(journals.c.kind == "prior_year")):
        found[row.source_id] += max(row.amount, 0)
    return found
