"""What feeds tell of supported children: each computed measure in each window, or why it is not.

The measures are the catalogue's own, version 1: attendance and absence, persistent and severe
absence, lateness, suspensions and exclusions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import Connection

from services.outcomes.analysis.cohort import Cohort, cohort_of
from services.outcomes.analysis.rows import HEADLINE, Panel, Row
from services.outcomes.analysis.rule import CohortRule
from services.outcomes.episodes.windows import WindowKind, WindowStatus
from services.outcomes.feeds import facts
from services.outcomes.feeds.counting import Counted
from services.outcomes.feeds.facts import Fact
from services.outcomes.measures.builtin import value_of
from services.outcomes.measures.catalogue import shipped
from services.outcomes.measures.catalogue.domain.values import Formula
from services.outcomes.reference import queries as reference
from services.outcomes.reference.calendars import HalfTerm

ATTENDANCE = "attendance_rate@1"
"""Share of possible sessions attended, 0 to 1, rounded to 6 digits."""

COMPUTED = tuple(each for each in shipped.MEASURES if each.formula is not None)
_AFTER_ONLY = frozenset({Formula.PERMANENT_EXCLUSIONS, Formula.OFF_ROLL_SESSIONS})
"""What is asked of the time after the request alone: it ends what there was to measure."""

_DIGITS = 6
_AGE_OF_RECEPTION = 5
_SPANS = {
    WindowKind.BASELINE: "1:baseline",
    WindowKind.TRIGGER: "1:trigger",
    WindowKind.FOLLOW_UP_1: "1:follow_up_1",
}
Terms = dict[str, list[HalfTerm]]


def changed(connection: Connection, tenant: str, now: datetime) -> list[Fact]:
    """Return the facts that must be written for feeds to say what is known now."""
    cohort = cohort_of(connection, tenant, CohortRule(), as_of=now, seed=None)
    gone = facts.erased(connection, tenant)
    current = [
        fact for fact in _facts(connection, tenant, cohort, now) if fact.child_id not in gone
    ]
    return facts.changes(facts.latest(connection, tenant), current)


def write(connection: Connection, tenant: str, new: Sequence[Fact]) -> None:
    """Write facts, but none of a child that was erased since they were read."""
    gone = facts.erased(connection, tenant)
    facts.add(connection, tenant, [f for f in new if f.gone or f.child_id not in gone])


def _facts(connection: Connection, tenant: str, cohort: Cohort, now: datetime) -> Iterable[Fact]:
    panel = cohort.panel
    if panel is None:
        return
    calendars = reference.calendars(connection, tenant, {row.urn for row in panel.rows})
    terms = {urn: days.half_terms() for urn, days in calendars.items()}
    counted = Counted(connection, tenant, panel, roll=cohort.roll, as_of=now)
    for place, row in enumerate(panel.rows):
        for kind in HEADLINE:
            yield from _of_window(panel, counted, place, kind=kind, terms=terms.get(row.urn, []))


def _of_window(
    panel: Panel, counted: Counted, place: int, *, kind: WindowKind, terms: Sequence[HalfTerm]
) -> Iterable[Fact]:
    """Yield the facts of one child and window; none while it runs."""
    window, row = panel.windows[kind], panel.rows[place]
    status, end = window.status[place], int(window.end_day[place])
    if status == WindowStatus.RUNNING or not end:
        return
    attendance, happened = counted.attendance(place, kind), counted.occurrences(place, kind)
    told = status != WindowStatus.INSUFFICIENT
    first, last = _half_term(terms, int(window.start_day[place])), _half_term(terms, end)
    for measure in COMPUTED:
        if measure.formula in _AFTER_ONLY and kind is not WindowKind.FOLLOW_UP_1:
            continue
        value = value_of(measure, attendance, happened) if told else None
        yield Fact(
            child_id=row.child_id,
            measure=str(measure.ref),
            span=_SPANS[kind],
            value=None if value is None else round(value, _DIGITS),
            symbol="x" if value is None else "",
            valid_from=first,
            valid_to=last,
            age_years=_age(row),
            phase=row.phase,
        )


def _age(row: Row) -> int | None:
    return None if row.year_group is None else row.year_group + _AGE_OF_RECEPTION


def _half_term(terms: Sequence[HalfTerm], day: int) -> str:
    on = date.fromordinal(day)
    found = next((term for term in terms if on <= term.last), None)
    if found is None:
        return ""
    return f"{found.academic_year}/{(found.academic_year + 1) % 100:02d} HT{found.number}"
