"""Purchases and all that belongs to them."""

from services.fund.storage.purchases.disputes import (
    check_invoice_number,
    open_disputes,
    papers_of,
)
from services.fund.storage.purchases.facts import Fact, Recorded, add_fact, facts_of, first_fact
from services.fund.storage.purchases.papers import (
    CreditNote,
    Invoice,
    add_delivery,
    add_invoice,
    deliveries_page,
    invoices_of,
)
from services.fund.storage.purchases.reading import Wanted, circumstances, get, page
from services.fund.storage.purchases.writing import add, replace_content, save

__all__ = [
    "CreditNote",
    "Fact",
    "Invoice",
    "Recorded",
    "Wanted",
    "add",
    "add_delivery",
    "add_fact",
    "add_invoice",
    "check_invoice_number",
    "circumstances",
    "deliveries_page",
    "facts_of",
    "first_fact",
    "get",
    "invoices_of",
    "open_disputes",
    "page",
    "papers_of",
    "replace_content",
    "save",
]
