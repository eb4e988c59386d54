"""Amounts, figures and days, as many messages carry them."""

from __future__ import annotations

from datetime import date

from google.type.date_pb2 import Date
from google.type.money_pb2 import Money as MoneyMessage
from localresponse.fund.v1.fund_types_pb2 import Figures as FiguresMessage

from services.chassis.wire import date_from_proto, date_to_proto, money_from_proto
from services.fund.domain.amounts import positive
from services.fund.domain.figures import Figures

_NANOS_PER_PENNY = 10_000_000
_ZERO = MoneyMessage(currency_code="GBP")


def money(pence: int) -> MoneyMessage:
    """Return an amount in GBP; figures and prices are never negative here.

    Most figures of a purchase are zero: one message stands for them all, to be copied, not kept.
    """
    if not pence:
        return _ZERO
    pounds, rest = divmod(pence, 100)
    return MoneyMessage(currency_code="GBP", units=pounds, nanos=rest * _NANOS_PER_PENNY)


def pence(message: MoneyMessage, field: str) -> int:
    """Read an amount of one penny or more.

    Raises:
        AmountNotPositive: Nothing (INVALID_ARGUMENT).
        InvalidArgument: MONEY_TOO_FINE, MONEY_OUT_OF_RANGE, CURRENCY_NOT_ACCEPTED.
    """
    return positive(money_from_proto(message, field).minor, field)


def pence_or_none(message: MoneyMessage, field: str, *, given: bool) -> int | None:
    """Read an amount that may be left out.

    Raises:
        InvalidArgument: As `pence`.
    """
    return pence(message, field) if given else None


def day(message: Date, field: str, *, given: bool) -> date | None:
    """Read a day that may be left out.

    Raises:
        DateInvalid: There is no such day (INVALID_ARGUMENT).
    """
    return date_from_proto(message, field) if given else None


def day_out(value: date | None) -> Date | None:
    """Return the day, or nothing."""
    return None if value is None else date_to_proto(value)


def figures(value: Figures) -> FiguresMessage:
    """Return a pot's or a budget's money."""
    return FiguresMessage(
        allocated=money(value.total),
        available=money(value.available),
        reserved=money(value.reserved),
        committed=money(value.committed),
        received=money(value.received),
        issued=money(value.issued),
        spent=money(value.spent),
        refund_due=money(value.refund_due),
        written_off=money(value.written_off),
    )
