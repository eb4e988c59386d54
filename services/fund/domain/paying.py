"""Payment files and the finance system's answers, as text; nothing here knows a database."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from services.fund.domain import csv_cells
from services.fund.domain.payee import Account
from services.fund.errors.paying import ReconciliationRefused

TERM = timedelta(days=30)
"""How long an invoice may wait. Source: Procurement Act 2023, s. 68."""

COLUMNS = ("record", "authority", "file", "reference", "amount", "paid_on", "bank_reference")
"""The columns of a reconciliation file."""

_OUT = (
    *("record", "authority", "file", "reference", "supplier", "invoice", "amount", "due_on"),
    *("account_holder", "sort_code", "account_number"),
)
_AMOUNT = re.compile(r"\d{1,12}\.\d{2}")


class FileState(StrEnum):
    """Where a payment file stands."""

    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """What became of a line of a reconciliation file."""

    MATCHED = "matched"
    UNMATCHED = "unmatched"
    OVER = "over"
    UNDER = "under"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """An invoice to be paid; pence, VAT included.

    Attributes:
        recorded_by: Who recorded it: the subject of a sign-in.
        paid_on: None while it is not paid.
        payee_change_id: The details that it is paid to; empty until it is in a file.
        account_ending: The last digits of that account.
    """

    invoice_id: str
    purchase_id: str
    supplier_id: str
    supplier_name: str
    invoice_number: str
    amount: int
    received_on: date
    recorded_by: str = ""
    position: int = 0
    paid_on: date | None = None
    payee_change_id: str = ""
    account_ending: str = ""

    @property
    def due_on(self) -> date:
        """The last day of the term."""
        return self.received_on + TERM


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFile:
    """A file of invoices; the total in pence."""

    id: str
    tenant: str
    number: int
    state: FileState
    line_count: int
    total: int
    created_by: str
    created_at: datetime
    lines: tuple[Due, ...] = ()


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment that the finance system says it made, in pence."""

    line: int
    reference: str
    amount: int
    paid_on: date
    bank_reference: str


def content(file: PaymentFile, accounts: Mapping[str, Account] | None = None) -> str:
    """Return the file as it goes out: a line for each invoice, then the control totals.

    Args:
        file: With its lines.
        accounts: By invoice; None shows only the last digits of each.
    """
    rows: list[Sequence[object]] = [_OUT]
    for due in file.lines:
        row = (
            "D",
            file.tenant,
            file.number,
            due.invoice_id,
            due.supplier_name,
            due.invoice_number,
            csv_cells.pounds(due.amount),
            due.due_on,
        )
        account = accounts[due.invoice_id] if accounts else Account("", "", due.account_ending)
        rows.append((*row, account.holder, account.sort_code, account.number))
    total = csv_cells.pounds(file.total)
    rows.append(("T", file.tenant, file.number, file.line_count, "", "", total, *([""] * 4)))
    return csv_cells.document(rows)


def read_answer(text: str, file: PaymentFile, *, today: date) -> tuple[Paid, ...]:
    """Read a reconciliation file whole.

    Raises:
        ReconciliationRefused: Anything in it is wrong (INVALID_ARGUMENT); the line and the rule
            are named.
    """
    rows = list(_rows(text))
    if not rows or rows[-1][1]["record"] != "T":
        raise _refused(len(rows) + 1, "trailer", "the last line is not a line T of totals")
    paid = tuple(_paid(number, row, file, today) for number, row in rows[:-1])
    number, last = rows[-1]
    _check_place(number, last, file)
    if last["reference"] != str(len(paid)):
        raise _refused(number, "count", f"it counts {last['reference']}, there are {len(paid)}")
    if _pence(number, last["amount"]) != sum(each.amount for each in paid):
        raise _refused(number, "total", "the total is not the sum of the payments")
    seen: set[str] = set()
    for each in paid:
        if each.reference in seen:
            raise _refused(each.line, "duplicate", "the reference is on two lines")
        seen.add(each.reference)
    return paid


def outcome(paid: Paid, due: Due | None) -> Outcome:
    """Return what becomes of a payment beside what was asked."""
    if due is None or due.paid_on is not None:
        return Outcome.UNMATCHED
    if paid.amount == due.amount:
        return Outcome.MATCHED
    return Outcome.OVER if paid.amount > due.amount else Outcome.UNDER


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        if tuple(next(reader, ())) != COLUMNS:
            raise _refused(1, "columns", f"the columns are not {','.join(COLUMNS)}")
        for cells in reader:
            if len(cells) != len(COLUMNS):
                raise _refused(reader.line_num, "columns", f"it has {len(cells)} cells")
            yield reader.line_num, dict(zip(COLUMNS, map(str.strip, cells), strict=True))
    except csv.Error:
        raise _refused(reader.line_num, "csv", "it is not CSV") from None


def _paid(number: int, row: dict[str, str], file: PaymentFile, today: date) -> Paid:
    if row["record"] != "D":
        raise _refused(number, "record", "a line before the last is not a line D")
    _check_place(number, row, file)
    amount = _pence(number, row["amount"])
    try:
        paid_on = date.fromisoformat(row["paid_on"])
    except ValueError:
        raise _refused(number, "date", "paid_on is not a day") from None
    if paid_on > today:
        raise _refused(number, "date", "paid_on is in the future")
    if not row["reference"] or len(row["reference"]) > 80 or len(row["bank_reference"]) > 80:
        raise _refused(number, "reference", "a reference is missing or too long")
    return Paid(number, row["reference"], amount, paid_on, row["bank_reference"])


def _check_place(number: int, row: dict[str, str], file: PaymentFile) -> None:
    if row["authority"] != file.tenant:
        raise _refused(number, "authority", "it is of another authority")
    if row["file"] != str(file.number):
        raise _refused(number, "file", f"it answers file {row['file']}, not {file.number}")


def _pence(number: int, text: str) -> int:
    if not _AMOUNT.fullmatch(text):
        raise _refused(number, "amount", "an amount is not pounds and pence, such as 12.34")
    return int(text.replace(".", ""))


def _refused(line: int, rule: str, why: str) -> ReconciliationRefused:
    return ReconciliationRefused(f"line {line}: {why}", field="content", line=line, rule=rule)
