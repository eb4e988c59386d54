"""Two real school years: the open days of Sheffield's published term dates.

Contains public sector information licensed under the Open Government Licence v3.0: school term
dates of Sheffield City Council, 2025/26 and 2026/27, gathered by UTCSheffield/term_dates
(Apache-2.0); bank holidays of GOV.UK.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

HALF_TERMS = (
    (date(2025, 9, 1), date(2025, 10, 24)),
    (date(2025, 11, 3), date(2025, 12, 19)),
    (date(2026, 1, 5), date(2026, 2, 13)),
    (date(2026, 2, 23), date(2026, 3, 27)),
    (date(2026, 4, 13), date(2026, 5, 22)),
    (date(2026, 6, 1), date(2026, 7, 20)),
    (date(2026, 9, 1), date(2026, 10, 23)),
    (date(2026, 11, 2), date(2026, 12, 18)),
)
INSET_DAYS = frozenset(
    {
        date(2025, 9, 1),
        date(2025, 11, 3),
        date(2026, 1, 5),
        date(2026, 6, 1),
        date(2026, 7, 20),
        date(2026, 9, 1),
        date(2026, 11, 2),
    }
)
BANK_HOLIDAYS = frozenset({date(2026, 5, 4)})
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class HalfTerm:
    """One half-term: its place and the days on which sessions are held."""

    number: int
    days: tuple[date, ...]


def half_terms(until: date) -> tuple[HalfTerm, ...]:
    """Return the half-terms with their open days up to and with `until`."""
    found = []
    for number, (first, last) in enumerate(HALF_TERMS):
        span = (first + timedelta(n) for n in range((min(last, until) - first).days + 1))
        days = tuple(
            day
            for day in span
            if day.weekday() < _SATURDAY and day not in INSET_DAYS | BANK_HOLIDAYS
        )
        if days:
            found.append(HalfTerm(number, days))
    return tuple(found)


def spans() -> list[dict[str, object]]:
    """Return the calendar as SetCalendar takes it: terms open, then the days that are not."""
    opened = [_span(first, last, "DAY_KIND_OPEN") for first, last in HALF_TERMS]
    inset = [_span(day, day, "DAY_KIND_INSET") for day in sorted(INSET_DAYS)]
    closed = [_span(day, day, "DAY_KIND_HOLIDAY") for day in sorted(BANK_HOLIDAYS)]
    return opened + inset + closed


def day_json(day: date) -> dict[str, int]:
    """Return a day as google.type.Date in JSON."""
    return {"year": day.year, "month": day.month, "day": day.day}


def _span(first: date, last: date, kind: str) -> dict[str, object]:
    return {"first_date": day_json(first), "last_date": day_json(last), "kind": kind}
