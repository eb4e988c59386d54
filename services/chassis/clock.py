"""Time is passed in, so that rules about days and deadlines can be tested to the second."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


class Clock(Protocol):
    """Where a service asks what time it is."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock; the one place that reads it."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return datetime.now(UTC)


def london_date(moment: datetime) -> date:
    """Return the civil date in England of an aware moment.

    School days and financial periods are chosen by it, never by the UTC date: 31 March 23:30
    UTC is already 1 April in London.
    """
    return moment.astimezone(LONDON).date()
