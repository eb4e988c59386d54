"""Which days and years still take postings: open, soft-closed, closed.

A year that nobody has closed is open. A soft close ends new promises, so that the year can be
finished; a closed year takes nothing at all. Days are Europe/London's. Source: ledger.md d4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum

from services.fund.domain.budget import Period, PeriodKind
from services.fund.domain.ledger import Kind
from services.fund.errors import PeriodClosed, PeriodSoftClosed


class PeriodState(StrEnum):
    """How far a year is closed."""

    OPEN = "open"
    SOFT_CLOSED = "soft_closed"
    CLOSED = "closed"


Shut = Mapping[Period, PeriodState]
"""The years that are soft-closed or closed; all others are open."""

_PROMISES = {Kind.RESERVE, Kind.ALLOCATE, Kind.VIRE}


def year_of(day: date, kind: PeriodKind = PeriodKind.FINANCIAL_YEAR) -> Period:
    """Return the year that a London day lies in."""
    this = Period(kind, day.year)
    return this if this.holds(day) else Period(kind, day.year - 1)


def check_posting(shut: Shut, kind: Kind, day: date, years: Iterable[Period]) -> None:
    """Check that a journal may be booked.

    Args:
        shut: The years that are not open.
        kind: Why money moves; a soft close ends promises only.
        day: The day that it counts for; its financial year must not be closed.
        years: Of the budgets whose pots it touches.

    Raises:
        PeriodClosed: A year takes nothing any more (FAILED_PRECONDITION).
        PeriodSoftClosed: A year takes no new promises (FAILED_PRECONDITION).
    """
    touched = set(years)
    for year in sorted(touched | {year_of(day)}, key=_order):
        if shut.get(year) is PeriodState.CLOSED:
            raise PeriodClosed(
                f"the {named(year)} is closed", period=named(year), date=day.isoformat()
            )
    if kind in _PROMISES:
        check_accepting(shut, touched)


def check_accepting(shut: Shut, years: Iterable[Period]) -> None:
    """Check that new promises may be made in all of the years.

    Raises:
        PeriodSoftClosed: One of them is being closed, or is closed (FAILED_PRECONDITION).
    """
    for year in sorted(years, key=_order):
        if year in shut:
            raise PeriodSoftClosed(
                f"the {named(year)} takes no new promises", period=named(year), state=shut[year]
            )


def named(year: Period) -> str:
    """Return the year as messages and accounts write it, such as `financial_year 2026`."""
    return f"{year.kind} {year.start_year}"


def next_year(year: Period) -> Period:
    """Return the year after."""
    return Period(year.kind, year.start_year + 1)


def _order(year: Period) -> tuple[str, int]:
    return (year.kind, year.start_year)
