"""What feeds tell of supported children: attendance in each window, or why it is not told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection

from services.outcomes.analysis.cohort import Cohort, cohort_of
from services.outcomes.analysis.rows import HEADLINE, Panel, Row
from services.outcomes.analysis.rule import CohortRule
from services.outcomes.episodes.windows import WindowKind, WindowStatus
from services.outcomes.feeds import facts
from services.outcomes.feeds.facts import Fact
from services.outcomes.reference import queries as reference
from services.outcomes.reference.calendars import HalfTerm

ATTENDANCE = "attendance_rate@1"
"""Share of possible sessions attended, 0 to 1, rounded to 6 digits."""

_SEED = 1
_AGE_OF_RECEPTION = 5
_SPANS = {
    WindowKind.BASELINE: "1:baseline",
    WindowKind.TRIGGER: "1:trigger",
    WindowKind.FOLLOW_UP_1: "1:follow_up_1",
}
Terms = dict[str, list[HalfTerm]]


def changed(connection: Connection, tenant: str, now: datetime) -> list[Fact]:
    """Return the facts that must be written for feeds to say what is known now."""
    cohort = cohort_of(connection, tenant, CohortRule(), as_of=now, seed=_SEED)
    gone = facts.erased(connection, tenant)
    current = [fact for fact in _facts(connection, tenant, cohort) if fact.child_id not in gone]
    return facts.changes(facts.latest(connection, tenant), current)


def write(connection: Connection, tenant: str, new: Sequence[Fact]) -> None:
    """Write facts, but none of a child that was erased since they were read."""
    gone = facts.erased(connection, tenant)
    facts.add(connection, tenant, [f for f in new if f.gone or f.child_id not in gone])


def _facts(connection: Connection, tenant: str, cohort: Cohort) -> list[Fact]:
    if cohort.panel is None:
        return []
    panel = cohort.panel.where(cohort.panel.supported)
    calendars = reference.calendars(connection, tenant, {row.urn for row in panel.rows})
    terms = {urn: days.half_terms() for urn, days in calendars.items()}
    return [
        fact
        for place, row in enumerate(panel.rows)
        for kind in HEADLINE
        if (fact := _fact(panel, place, kind, terms.get(row.urn, []))) is not None
    ]


def _fact(panel: Panel, place: int, kind: WindowKind, terms: Sequence[HalfTerm]) -> Fact | None:
    window, row = panel.windows[kind], panel.rows[place]
    status = window.status[place]
    start, end = int(window.start_day[place]), int(window.end_day[place])
    if status == WindowStatus.RUNNING or not end:
        return None
    possible, absent = int(window.possible[place]), int(window.absent[place])
    told = status != WindowStatus.INSUFFICIENT
    return Fact(
        child_id=row.child_id,
        measure=ATTENDANCE,
        span=_SPANS[kind],
        value=round((possible - absent) / possible, 6) if told else None,
        symbol="" if told else "x",
        valid_from=_half_term(terms, start),
        valid_to=_half_term(terms, end),
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
