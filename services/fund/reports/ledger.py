"""The ledger for other programs: the finance system's journal, and Beancount."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, func, select

from services.fund.domain.csv_cells import pounds
from services.fund.reports.report import Asked, Report, Row, read
from services.fund.storage.tables import entries, journals

_MAPPING = json.loads(Path(__file__).with_name("finance_mapping.json").read_text("utf-8"))
_ROOTS = {"external": "Equity", "year": "Equity", "source": "Assets", "pot": "Assets"}
_TAX = {"vat:recoverable": "Assets:VAT:RECOVERABLE", "vat:control": "Liabilities:VAT:CONTROL"}
_COSTS = ("spent", "written_off")


def _journal(connection: Connection, asked: Asked) -> Iterator[Row]:
    for row in read(connection, _lines(asked)):
        yield (
            *(row.id, row.position, row.effective_on, period_of(row.effective_on)),
            *(_MAPPING["cost_centre"], subjective_of(row.account), row.kind),
            *(pounds(max(row.amount, 0)), pounds(max(-row.amount, 0))),
            *(row.account, row.purchase_id or ""),
        )


def period_of(day: date) -> str:
    """Return the finance system's period of a day, such as `2026-27/08` for November."""
    first = _MAPPING["first_month"]
    year = day.year if day.month >= first else day.year - 1
    return f"{year}-{(year + 1) % 100:02d}/{(day.month - first) % 12 + 1:02d}"


def subjective_of(account: str) -> str:
    """Return the subjective code of an account, from the mapping."""
    parts = account.split(":")
    codes: dict[str, str] = _MAPPING["subjective"]
    return codes[parts[-1]] if parts[0] == "pot" else codes[parts[0]]


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
        )
        .join(entries, entries.c.journal_id == journals.c.id)
        .where(journals.c.tenant == asked.tenant)
        .order_by(journals.c.sequence, entries.c.position)
    )


JOURNAL = Report(
    "journal",
    (
        *("journal", "line", "date", "period", "cost_centre", "subjective", "reason"),
        *("debit", "credit", "account", "purchase"),
    ),
    _journal,
)
BEANCOUNT = Report("beancount", ("text",), _beancount)
