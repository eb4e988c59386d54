"""The fund's tables, and which of them are only ever added to."""

from __future__ import annotations

from services.chassis.tables import add_to
from services.fund.storage.tables import (
    absence,
    approving,
    closing,
    controls,
    discussion,
    disputes,
    exports,
    guards,
    payees,
    paying,
    returning,
)
from services.fund.storage.tables.columns import metadata
from services.fund.storage.tables.money import (
    budget_schools,
    budgets,
    entries,
    journals,
    pots,
    receipts,
    school_facts,
    source_terms,
    sources,
)
from services.fund.storage.tables.periods import period_facts, periods
from services.fund.storage.tables.purchases import (
    decisions,
    delegated_limits,
    deliveries,
    invoices,
    purchase_children,
    purchase_facts,
    purchase_shares,
    purchases,
)
from services.fund.storage.tables.totals import budget_totals

add_to(metadata)

INSERT_ONLY = (
    source_terms,
    school_facts,
    receipts,
    journals,
    entries,
    purchase_facts,
    decisions,
    delegated_limits,
    deliveries,
    invoices,
    period_facts,
    *closing.APPEND_ONLY,
    *controls.APPEND_ONLY,
    *approving.APPEND_ONLY,
    *discussion.APPEND_ONLY,
    *exports.APPEND_ONLY,
    *disputes.APPEND_ONLY,
    *payees.APPEND_ONLY,
    *returning.APPEND_ONLY,
    *paying.APPEND_ONLY,
)
"""Tables whose rows no statement may change or delete; triggers hold it."""

__all__ = [
    "INSERT_ONLY",
    "absence",
    "approving",
    "budget_schools",
    "budget_totals",
    "budgets",
    "closing",
    "controls",
    "decisions",
    "delegated_limits",
    "deliveries",
    "discussion",
    "disputes",
    "entries",
    "exports",
    "guards",
    "invoices",
    "journals",
    "metadata",
    "payees",
    "paying",
    "period_facts",
    "periods",
    "pots",
    "purchase_children",
    "purchase_facts",
    "purchase_shares",
    "purchases",
    "receipts",
    "returning",
    "school_facts",
    "source_terms",
    "sources",
]
