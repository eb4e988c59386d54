"""Suppliers are paid: their bank details, files for the finance system, and what it answers.

The duties are kept apart as the policy that is shipped asks: one officer proposes an account, the
other confirms it, and a payments officer, who records no invoice, makes the files.
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.demonstration.api import Json
from services.demonstration.stage import Stage, weekday_after
from services.fund.domain.csv_cells import pounds
from services.fund.domain.paying import COLUMNS

SORT_CODE = "000000"
"""Of no bank: none was ever given a sort code that begins with 00."""

_PAYMENTS, _SUPPLIERS = "fund.PaymentsService", "fund.SuppliersService"
_FILE_AFTER, _ANSWER_AFTER, _SECOND_ANSWER_AFTER = 14, 16, 32
"""Days from the invoices to each step; what the bank returned is paid past its 30 days."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A payment file that was sent: the reference and pence of each line, the dearest first."""

    id: str
    number: int
    lines: tuple[tuple[str, int], ...]


def suppliers_of(purchases: Iterable[Json]) -> list[tuple[str, str]]:
    """Return the id and the name of every supplier of these purchases, by name."""
    found = {(each["supplier_id"], each["supplier_name"]) for each in purchases}
    return sorted(found, key=lambda supplier: supplier[1])


async def set_payees(stage: Stage, suppliers: Sequence[tuple[str, str]], day: date) -> None:
    """Set where suppliers are paid; it holds a day later."""
    stage.at(day, 11)
    proposed = await asyncio.gather(
        *(
            propose_payee(stage, supplier, account=1_001 + 111 * place)
            for place, supplier in enumerate(suppliers)
        )
    )
    stage.at(day, 15)
    await asyncio.gather(*(confirm_payee(stage, change) for change in proposed))


async def propose_payee(stage: Stage, supplier: tuple[str, str], *, account: int) -> Json:
    """Propose the account of that number as where a supplier (id and name) is paid."""
    supplier_id, name = supplier
    body = {
        "supplier_id": supplier_id,
        "account_holder": name[:40],
        "sort_code": SORT_CODE,
        "account_number": f"{account:08d}",
        "reason": "From a letter; checked by ringing the number in the contract.",
    }
    return await stage.call(f"{_SUPPLIERS}.ProposePayee", "officer", body)


async def confirm_payee(stage: Stage, change: Json) -> Json:
    """Confirm as the other officer; the account is used from 24 hours later on."""
    body = {"payee_change_id": change["id"]}
    return await stage.call(f"{_SUPPLIERS}.ConfirmPayee", "officer-two", body)


async def pay(stage: Stage, invoiced: date, *, returned: int = 0, short_pence: int = 0) -> None:
    """Pay all that is due two weeks after it was invoiced, and take the answers back.

    Args:
        stage: The council.
        invoiced: The day of the invoices.
        returned: How many payments the bank returns; they are made again, past their 30 days.
        short_pence: What the bank paid too little of the cheapest, which leaves the file open.
    """
    sent = await _send(stage, weekday_after(invoiced, _FILE_AFTER))
    *paid, (reference, pence) = sent.lines[: len(sent.lines) - returned]
    told = [*paid, (reference, pence - short_pence)]
    await _answer(stage, sent, told, weekday_after(invoiced, _ANSWER_AFTER))
    if returned:
        again = weekday_after(invoiced, _SECOND_ANSWER_AFTER)
        await _answer(stage, sent, sent.lines[-returned:], again)


async def _send(stage: Stage, day: date) -> Sent:
    stage.at(day, 10)
    made = await stage.call(f"{_PAYMENTS}.CreatePaymentFile", "payments", {})
    body = {"payment_file_id": made["id"]}
    exported = await stage.call(f"{_PAYMENTS}.ExportPaymentFile", "payments", body)
    rows = csv.DictReader(io.StringIO(exported["content"].removeprefix("\ufeff")))
    lines = [
        (row["reference"], int(row["amount"].replace(".", "")))
        for row in rows
        if row["record"] == "D"
    ]
    # Invoices of one moment come in any order: by amount the story is the same each time.
    lines.sort(key=lambda line: -line[1])
    return Sent(made["id"], int(made["number"]), tuple(lines))


async def _answer(stage: Stage, sent: Sent, paid: Sequence[tuple[str, int]], day: date) -> None:
    """Answer as the finance system would, with what it paid on the day."""
    stage.at(day, 8)
    place = (stage.borough.tenant, sent.number)
    told = [
        ("D", *place, reference, pounds(pence), day, f"BACS {sent.number:03d}")
        for reference, pence in paid
    ]
    total = pounds(sum(pence for _, pence in paid))
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *told, ("T", *place, len(told), total, "", "")])
    body = {"payment_file_id": sent.id, "content": text.getvalue()}
    await stage.call(f"{_PAYMENTS}.ReconcilePayments", "officer", body)
