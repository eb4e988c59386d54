"""Protobuf values to ours and back, refusing what a penny or a calendar cannot hold."""

from __future__ import annotations

from datetime import UTC, date, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.money_pb2 import Money as MoneyMessage

from services.chassis.errors import InvalidArgument
from services.chassis.money import MINOR_MAX, Money

_NANOS_PER_PENNY = 10_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS_PER_DAY = 86_400
_NANOS_PER_MICROSECOND = 1_000


class MoneyTooFine(InvalidArgument):
    """An amount has a fraction of a penny."""

    reason = "MONEY_TOO_FINE"


class MoneyOutOfRange(InvalidArgument):
    """An amount is negative where it may not be, or above 2^53 pence."""

    reason = "MONEY_OUT_OF_RANGE"


class CurrencyNotAccepted(InvalidArgument):
    """An amount is in another currency than pounds sterling."""

    reason = "CURRENCY_NOT_ACCEPTED"


class DateInvalid(InvalidArgument):
    """A date has no day, month or year, or does not exist."""

    reason = "DATE_INVALID"


def money_to_proto(amount: Money) -> MoneyMessage:
    """Return google.type.Money; the sign is on units and nanos both."""
    sign = -1 if amount.minor < 0 else 1
    pounds, pence = divmod(abs(amount.minor), 100)
    return MoneyMessage(
        currency_code=amount.currency, units=sign * pounds, nanos=sign * pence * _NANOS_PER_PENNY
    )


def money_from_proto(message: MoneyMessage, field: str, *, allow_negative: bool = False) -> Money:
    """Read google.type.Money in pounds sterling.

    Raises:
        CurrencyNotAccepted: The currency is neither GBP nor left out.
        MoneyTooFine: nanos is not a whole number of pence.
        MoneyOutOfRange: Negative, of two signs, or above 2^53 pence.
    """
    if message.currency_code not in {"", "GBP"}:
        raise CurrencyNotAccepted(
            f"{field}: amounts are in GBP, not {message.currency_code}",
            field=field,
            currency=message.currency_code,
        )
    if message.nanos % _NANOS_PER_PENNY:
        raise MoneyTooFine(
            f"{field}: an amount has no fraction of a penny", field=field, nanos=message.nanos
        )
    minor = message.units * 100 + int(message.nanos // _NANOS_PER_PENNY)
    mixed = message.units * message.nanos < 0 or abs(message.nanos) >= 1_000_000_000
    if mixed or abs(minor) > MINOR_MAX or (minor < 0 and not allow_negative):
        raise MoneyOutOfRange(
            f"{field}: an amount is {'' if allow_negative else '0 or more and '}"
            f"at most {Money(MINOR_MAX)}",
            field=field,
            units=message.units,
            nanos=message.nanos,
        )
    return Money(minor)


def timestamp_to_proto(moment: datetime) -> Timestamp:
    """Return the aware moment as a Timestamp."""
    since = moment - _EPOCH
    return Timestamp(
        seconds=since.days * _SECONDS_PER_DAY + since.seconds,
        nanos=since.microseconds * _NANOS_PER_MICROSECOND,
    )


def timestamp_from_proto(stamp: Timestamp) -> datetime:
    """Return the Timestamp as an aware moment in UTC, to the microsecond."""
    return stamp.ToDatetime(tzinfo=UTC)


def date_to_proto(day: date) -> Date:
    """Return the civil date."""
    return Date(year=day.year, month=day.month, day=day.day)


def date_from_proto(message: Date, field: str) -> date:
    """Read a whole civil date.

    Raises:
        DateInvalid: A part is missing or the day does not exist.
    """
    try:
        return date(message.year, message.month, message.day)
    except ValueError:
        raise DateInvalid(
            f"{field}: there is no {message.year}-{message.month}-{message.day}",
            field=field,
            year=message.year,
            month=message.month,
            day=message.day,
        ) from None
