"""The ledger for other programs: the finance system's journal, and Beancount."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Select, func, select

from services.fund.domain.csv_cells import pounds
from services.fund.reports.report import Asked, Report, Row, read
from services.fund.storage import finance_mappings
from services.fund.storage.tables import entries, journals, pots

_ROOTS = {"external": "Equity", "year": "Equity", "source": "Assets", "pot": "Assets"}
_TAX = {"vat:recoverable": "Assets:VAT:RECOVERABLE", "vat:control": "Liabilities:VAT:CONTROL"}
_COSTS = ("spent", "written_off")


def _journal(connection: Connection, asked: Asked) -> Iterator[Row]:
    """Yield each entry with the codes in force, and the version that they are."""
    mapping = finance_mappings.in_force(connection, asked.tenant)
    for row in read(connection, _lines(asked)):
        yield (
            *(row.id, row.position, row.effective_on, mapping.period_of(row.effective_on)),
            *(mapping.cost_centre_of(row.budget_id), mapping.subjective_of(row.account), row.kind),
            *(pounds(max(row.amount, 0)), pounds(max(-row.amount, 0))),
            *(row.account, row.purchase_id or "", mapping.version),
        )


def _beancount(connection: Connection, asked: Asked) -> Iterator[Row]:
    """Yield a ledger that Beancount reads; its balances are those of the entries."""
    yield ('option "operating_currency" "GBP"',)
    opened = (
        select(entries.c.account, func.min(journals.c.effective_on).label("first"))
        .join(journals, journals.c.id == entries.c.journal_id)
        .where(entries.c.tenant == asked.tenant)
        .group_by(entries.c.account)
        .order_by(entries.c.account)
    )
    for row in connection.execute(opened).all():
        yield (f"{row.first} open {account_name(row.account)} GBP",)
    for _, group in groupby(read(connection, _lines(asked)), key=lambda row: row.id):
        sides = list(group)
        head = sides[0]
        yield (f'{head.effective_on} * "{head.kind}" "{head.id}"',)
        for side in sides:
            yield (f"  {account_name(side.account)}  {pounds(side.amount)} GBP",)


def account_name(account: str) -> str:
    """Return an account as Beancount names it; different accounts have different names."""
    if account in _TAX:
        return _TAX[account]
    kind, *rest = account.split(":")
    root = "Expenses" if rest[-1] in _COSTS else _ROOTS[kind]
    return ":".join((root, kind.capitalize(), *map(_component, rest)))


def _component(text: str) -> str:
    name = re.sub(r"[^A-Z0-9-]+", "-", text.upper()).strip("-")
    if name.replace("-", "_") in (text.upper(), text.upper().replace("-", "_")):
        return name
    return f"{name or 'X'}-{hashlib.sha256(text.encode()).hexdigest()[:8].upper()}"


def _lines(asked: Asked) -> Select[Any]:
    return (
        select(
            journals.c.id,
            journals.c.kind,
            journals.c.effective_on,
            journals.c.purchase_id,
            entries.c.position,
            entries.c.account,
            entries.c.amount,
            pots.c.budget_id,
        )
        .join(entries, entries.c.journal_id == journals.c.id)
        .join(pots, pots.c.id == entries.c.pot_id, isouter=True)
        .where(journals.c.tenant == asked.tenant)
        .order_by(journals.c.sequence, entries.c.position)
    )


JOURNAL = Report(
    "journal",
    (
        *("journal", "line", "date", "period", "cost_centre", "subjective", "reason"),
        *("debit", "credit", "account", "purchase", "mapping_version"),
    ),
    _journal,
)
BEANCOUNT = Report("beancount", ("text",), _beancount)
