"""Deliveries, invoices and credit notes: the papers of a purchase, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.amounts import name_key
from services.fund.domain.disputes import InvoiceState
from services.fund.domain.lines import VatRecovery, cost_to_fund
from services.fund.domain.purchase import Purchase
from services.fund.storage.paging import Cut
from services.fund.storage.tables import deliveries, invoices


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An invoice as it was recorded; amounts in pence."""

    id: str
    number: str
    net: int
    vat: int
    recovery: VatRecovery
    invoice_on: date
    created_at: datetime
    recorded_by: str = ""
    state: InvoiceState = InvoiceState.CHARGED

    @property
    def cost(self) -> int:
        """Pence that it costs the fund."""
        return cost_to_fund(self.net, self.vat, self.recovery)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNote:
    """A credit note; amounts in pence.

    Attributes:
        prior_year: How much of its cost was charged to years that are closed.
    """

    id: str
    number: str
    net: int
    vat: int
    recovery: VatRecovery
    credit_on: date
    prior_year: int = 0

    @property
    def cost(self) -> int:
        """Pence that it gives back of the cost to the fund."""
        return cost_to_fund(self.net, self.vat, self.recovery)


def add_invoice(work: UnitOfWork, purchase: Purchase, invoice: Invoice) -> None:
    """Insert an invoice at once, so that the next command sees its number."""
    work.connection.execute(
        insert(invoices).values(
            id=invoice.id,
            tenant=purchase.tenant,
            purchase_id=purchase.id,
            supplier_id=purchase.supplier_id,
            number=invoice.number,
            number_key=name_key(invoice.number),
            net=invoice.net,
            vat=invoice.vat,
            recovery=invoice.recovery,
            cost=invoice.cost,
            invoice_on=invoice.invoice_on,
            recorded_by=invoice.recorded_by,
            created_at=invoice.created_at,
        )
    )


def invoices_of(connection: Connection, purchase_id: str) -> tuple[Invoice, ...]:
    """Return the purchase's invoices, oldest first."""
    query = select(invoices).where(invoices.c.purchase_id == purchase_id)
    return tuple(
        Invoice(
            id=row.id,
            number=row.number,
            net=row.net,
            vat=row.vat,
            recovery=VatRecovery(row.recovery),
            invoice_on=row.invoice_on,
            created_at=row.created_at,
            recorded_by=row.recorded_by,
        )
        for row in connection.execute(query.order_by(invoices.c.created_at, invoices.c.id))
    )


def add_delivery(
    work: UnitOfWork, purchase: Purchase, *, delivery_id: str, on: date, pence: int
) -> None:
    """Insert a delivery with the commit."""
    work.insert_later(
        deliveries,
        {
            "id": delivery_id,
            "tenant": purchase.tenant,
            "purchase_id": purchase.id,
            "delivered_on": on,
            "amount": pence,
            "recorded_by": work.caller.subject,
            "created_at": work.at,
        },
    )


def deliveries_page(connection: Connection, purchase_id: str, cut: Cut) -> list[Any]:
    """Return a page of what was received of a purchase, oldest first."""
    query = select(deliveries).where(
        deliveries.c.purchase_id == purchase_id, deliveries.c.id > cut.after
    )
    return list(connection.execute(query.order_by(deliveries.c.id).limit(cut.size)))
