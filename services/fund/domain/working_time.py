"""Working time in England: 9 to 17 on weekdays that are no bank holiday, Europe/London.

The list of bank holidays is the one that the package brings along (GOV.UK, England and Wales);
nothing is fetched. Source: DESIGN section 6, clocks; notify-and-directory.md section 4.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from govuk_bank_holidays.bank_holidays import BankHolidays

from services.chassis.clock import LONDON

OPENS = time(9)
CLOSES = time(17)
_DAY = timedelta(days=1)
_HOLIDAYS = frozenset(
    holiday["date"]
    for holiday in BankHolidays(use_cached_holidays=True).get_holidays(
        division=BankHolidays.ENGLAND_AND_WALES
    )
)


def works(day: date) -> bool:
    """Return whether people work on a day."""
    return day.weekday() < 5 and day not in _HOLIDAYS


def working_day_from(day: date) -> date:
    """Return the first working day from a day on."""
    while not works(day):
        day += _DAY
    return day


def working_days_after(day: date, days: int) -> date:
    """Return the working day so many after the first working day from `day` on."""
    found = working_day_from(day)
    for _ in range(days):
        found = working_day_from(found + _DAY)
    return found


def due(sent_at: datetime, days: int) -> datetime:
    """Return the close of the working day so many after a moment; aware UTC.

    What comes when the day's work is over counts from the next working day.
    """
    local = sent_at.astimezone(LONDON)
    late = local.time() >= CLOSES
    return _due(local.date() + _DAY if late else local.date(), days)


@lru_cache(maxsize=4096)
def _due(day: date, days: int) -> datetime:
    return _at(working_days_after(day, days), CLOSES)


def working_time(start: datetime, end: datetime) -> timedelta:
    """Return the working time between two moments; nothing when they are the other way round."""
    total = timedelta()
    day = start.astimezone(LONDON).date()
    while _at(day, OPENS) < end:
        if works(day):
            opened, closed = max(start, _at(day, OPENS)), min(end, _at(day, CLOSES))
            total += max(closed - opened, timedelta())
        day += _DAY
    return total


def later_by(moment: datetime, worked: timedelta) -> datetime:
    """Return a moment moved on by an amount of working time; aware UTC."""
    left, now = worked, moment
    day = moment.astimezone(LONDON).date()
    while left > timedelta():
        if works(day):
            now = max(now, _at(day, OPENS))
            there = max(_at(day, CLOSES) - now, timedelta())
            step = min(left, there)
            now, left = now + step, left - step
        day += _DAY
    return now


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, LONDON).astimezone(UTC)
