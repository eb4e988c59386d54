"""Card statements: a card is no way round an approval, so each payment needs an order."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.fund.errors.paying import CardFileRefused

COLUMNS = ("authority", "card_reference", "reference", "paid_on", "amount", "merchant_category")
_AMOUNT = re.compile(r"\d{1,9}\.\d{2}")
_TEXT = re.compile(r".{1,80}")


class CardOutcome(StrEnum):
    """What became of a card payment."""

    MATCHED = "matched"
    NO_ORDER = "no_order"
    ABOVE_ORDER = "above_order"


@dataclass(frozen=True, slots=True)
class CardPayment:
    """A payment on a statement, in pence.

    Attributes:
        reference: A purchase's or an order's, as the holder of the card wrote it.
    """

    card_reference: str
    reference: str
    paid_on: date
    amount: int
    merchant_category: str


@dataclass(frozen=True, slots=True)
class CardPurchase:
    """A payment and what became of it; no purchase: empty."""

    id: str
    payment: CardPayment
    outcome: CardOutcome
    purchase_id: str = ""


def outcome(amount: int, left: int | None) -> CardOutcome:
    """Return what becomes of a payment, given what its purchase has left; None: no purchase."""
    if left is None:
        return CardOutcome.NO_ORDER
    return CardOutcome.MATCHED if amount <= left else CardOutcome.ABOVE_ORDER


def read(text: str, tenant: str, *, today: date) -> list[CardPayment]:
    """Read a statement whole.

    Raises:
        CardFileRefused: Anything in it is wrong (INVALID_ARGUMENT); the line and the rule are
            named.
    """
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    found: dict[str, CardPayment] = {}
    try:
        if tuple(next(reader, ())) != COLUMNS:
            raise _refused(1, "columns", f"the columns are not {','.join(COLUMNS)}")
        for cells in reader:
            payment = _payment(reader.line_num, [cell.strip() for cell in cells], tenant, today)
            if payment.card_reference in found:
                raise _refused(reader.line_num, "duplicate", "the payment is on two lines")
            found[payment.card_reference] = payment
    except csv.Error:
        raise _refused(reader.line_num, "csv", "it is not CSV") from None
    return list(found.values())


def _payment(line: int, cells: list[str], tenant: str, today: date) -> CardPayment:
    if len(cells) != len(COLUMNS):
        raise _refused(line, "columns", f"it has {len(cells)} cells")
    authority, card_reference, reference, paid_on, amount, category = cells
    if authority != tenant:
        raise _refused(line, "authority", "it is of another authority")
    if not _TEXT.fullmatch(card_reference) or len(reference) > 80 or len(category) > 10:
        raise _refused(line, "reference", "a reference is missing or too long")
    if not _AMOUNT.fullmatch(amount) or amount == "0.00":
        raise _refused(line, "amount", "an amount is not pounds and pence, such as 12.34")
    try:
        day = date.fromisoformat(paid_on)
    except ValueError:
        raise _refused(line, "date", "paid_on is not a day") from None
    if day > today:
        raise _refused(line, "date", "paid_on is in the future")
    return CardPayment(card_reference, reference, day, int(amount.replace(".", "")), category)


def _refused(line: int, rule: str, why: str) -> CardFileRefused:
    return CardFileRefused(f"line {line}: {why}", field="content", line=line, rule=rule)
