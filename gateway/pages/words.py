"""How numbers, dates and times are put into words, the same on every page."""

from __future__ import annotations

from datetime import UTC, date, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.money_pb2 import Money as MoneyMessage

from services.chassis.clock import LONDON, london_date
from services.chassis.money import Money
from services.chassis.wire import money_from_proto

MINUS = "\N{MINUS SIGN}"


def pounds(amount: MoneyMessage | Money) -> str:
    """`£1,234.50`; a message that was never set is £0.00."""
    if isinstance(amount, Money):
        return str(amount)
    if not amount.currency_code:
        return str(Money(0))
    return str(money_from_proto(amount, "amount", allow_negative=True))


def minor(amount: MoneyMessage) -> int:
    """Pence of an amount; a message that was never set is 0."""
    if not amount.currency_code:
        return 0
    return money_from_proto(amount, "amount", allow_negative=True).minor


def day(value: Date | date | None) -> str:
    """`19 November 2026`; empty for a date that was never set."""
    if isinstance(value, Date):
        value = date(value.year, value.month, value.day) if value.year else None
    return f"{value.day} {value:%B %Y}" if value else ""


def moment(value: Timestamp | datetime) -> str:
    """`19 November 2026 at 4:05pm`, in London; empty for a time that was never set."""
    if isinstance(value, Timestamp):
        if not value.seconds:
            return ""
        value = value.ToDatetime(tzinfo=UTC)
    return f"{day(value.astimezone(LONDON).date())} at {clock_time(value)}"


def clock_time(value: datetime) -> str:
    """`4:05pm`, in London."""
    local = value.astimezone(LONDON)
    return f"{local.hour % 12 or 12}:{local:%M}{'am' if local.hour < 12 else 'pm'}"


def points(value: float) -> str:
    """Write a difference of percentages with its sign: `+3.2`, `0.0`, or a real minus."""
    rounded = round(value, 1)
    sign = MINUS if rounded < 0 else "+" if rounded > 0 else ""
    return f"{sign}{abs(rounded):.1f}"


def percent(ratio: float) -> str:
    """`92.4%` of a ratio between 0 and 1."""
    return f"{ratio * 100:.1f}%"


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 request`, `12 requests`, `no requests`."""
    noun = one if number == 1 else many or f"{one}s"
    return f"{number:,} {noun}" if number else f"no {noun}"


def pounds_of(pence: int) -> str:
    """`£1,234.50` of a number of pence."""
    return str(Money(pence))


def moment_day(value: Timestamp) -> str:
    """`19 November 2026` of a moment, in London."""
    return day(london_date(value.ToDatetime(tzinfo=UTC))) if value.seconds else ""


def sentence(text: str) -> str:
    """Begin with a capital and change nothing else."""
    return text[:1].upper() + text[1:]


def name_and_job(text: str) -> tuple[str, str]:
    """Part `Ruth Mensah, finance officer` at its first comma; the job may be empty."""
    name, _, job = text.partition(", ")
    return name, job
