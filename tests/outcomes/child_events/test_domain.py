"""Rules of events without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest

from services.outcomes.child_events.checks import check_overlap, check_step, checked
from services.outcomes.child_events.domain import (
    Change,
    Details,
    Event,
    Kind,
    Status,
    Warned,
    warnings_of,
)
from services.outcomes.child_events.measures import Columns, sessions_off_roll
from services.outcomes.children.domain import Child, Enrolment
from services.outcomes.errors.child_events import (
    EventDatesInvalid,
    EventDetailsInvalid,
    EventOverlaps,
    EventStatusWrong,
    ReasonNotInForce,
)
from services.outcomes.reference.calendars import DayKind, Span, lay_out

TODAY = date(2025, 3, 3)
DAY = date(2025, 2, 3)
SUSPENDED = Details(first=DAY, last=DAY, sessions=2, reasons=("PP",))
URN = "100001"


def event(
    kind: Kind = Kind.SUSPENSION, *, number: int = 1, name: str = "a", **fields: Any
) -> Event:
    given = {"first": DAY, "last": DAY, "status": Status.UPHELD, **fields}
    return Event(
        id=name,
        number=number,
        version=1,
        kind=kind,
        urn=URN,
        details=Details(**given),
        withdrawn=False,
        change=Change.FIRST,
        recorded_at=datetime(2025, 3, 1, tzinfo=UTC),
        recorded_by="x",
    )


@pytest.mark.parametrize(
    ("kind", "given", "refusal", "field"),
    [
        pytest.param(
            Kind.SUSPENSION, {"sessions": 0}, EventDetailsInvalid, "sessions", id="no sessions"
        ),
        pytest.param(
            Kind.SUSPENSION, {"reasons": ()}, EventDetailsInvalid, "reasons", id="no reason"
        ),
        pytest.param(
            Kind.EHC_PLAN, {}, EventDetailsInvalid, "sessions", id="a plan loses no sessions"
        ),
        pytest.param(
            Kind.EARLY_HELP, {"sessions": 0}, EventDetailsInvalid, "reasons", id="nor has reasons"
        ),
        pytest.param(
            Kind.PERMANENT_EXCLUSION,
            {"sessions": 0},
            EventDetailsInvalid,
            "last_date",
            id="an exclusion has no end",
        ),
        pytest.param(
            Kind.SUSPENSION, {"last": date(2025, 2, 2)}, EventDatesInvalid, "last_date", id="ends"
        ),
        pytest.param(
            Kind.SUSPENSION,
            {"first": date(2024, 2, 5), "last": date(2025, 2, 5)},
            EventDatesInvalid,
            "last_date",
            id="a year long",
        ),
        pytest.param(
            Kind.SUSPENSION,
            {"first": date(1066, 10, 14)},
            EventDatesInvalid,
            "last_date",
            id="both too early and too long",
        ),
        pytest.param(
            Kind.SUSPENSION,
            {"first": date(2025, 4, 4), "last": None},
            EventDatesInvalid,
            "first_date",
            id="too far ahead",
        ),
        pytest.param(
            Kind.SUSPENSION,
            {"status": Status.OVERTURNED, "status_on": date(2025, 2, 1)},
            EventDatesInvalid,
            "status_date",
            id="decided before it began",
        ),
        pytest.param(
            Kind.SUSPENSION, {"reasons": ("OT",)}, ReasonNotInForce, "reasons", id="ended 2020"
        ),
        pytest.param(
            Kind.SUSPENSION, {"reasons": ("PP", "PP")}, ReasonNotInForce, "reasons", id="twice"
        ),
        pytest.param(
            Kind.SUSPENSION, {"reasons": ("QQ",)}, ReasonNotInForce, "reasons", id="unknown"
        ),
        pytest.param(
            Kind.SUSPENSION,
            {"reasons": ("PP", "PA"), "first": date(2020, 3, 2), "last": date(2020, 3, 2)},
            ReasonNotInForce,
            "reasons",
            id="one reason before autumn 2020",
        ),
    ],
)
def test_what_a_kind_does_not_hold_is_refused(
    kind: Kind, given: dict[str, Any], refusal: type[Exception], field: str
) -> None:
    with pytest.raises(refusal) as raised:
        checked(kind, URN, replace(SUSPENDED, **given), today=TODAY)

    assert raised.value.field == f"details.{field}"  # type: ignore[attr-defined]


def test_a_suspension_stands_and_an_exclusion_is_proposed_unless_it_is_said() -> None:
    suspended = checked(Kind.SUSPENSION, URN, SUSPENDED, today=TODAY)
    excluded = checked(
        Kind.PERMANENT_EXCLUSION, URN, Details(first=DAY, reasons=("DB",)), today=TODAY
    )

    assert (suspended.status, suspended.status_on) == (Status.UPHELD, DAY)
    assert (excluded.status, excluded.status_on) == (Status.PROPOSED, DAY)


@pytest.mark.parametrize("kind", [Kind.SUSPENSION, Kind.PERMANENT_EXCLUSION])
def test_a_school_makes_suspensions_and_exclusions(kind: Kind) -> None:
    with pytest.raises(EventDetailsInvalid, match="needs the school"):
        checked(kind, "", SUSPENDED, today=TODAY)


@pytest.mark.parametrize(
    ("now", "wanted", "may"),
    [
        pytest.param(now, wanted, (now, wanted) in {(1, 2), (1, 3), (1, 4), (2, 3), (2, 4)})
        for now in (1, 2, 3, 4)
        for wanted in (2, 3, 4)
    ],
)
def test_an_exclusion_goes_one_way(now: int, wanted: int, *, may: bool) -> None:
    held = event(Kind.PERMANENT_EXCLUSION, last=None, status=Status(now))

    if may:
        check_step(held, Status(wanted), DAY)
        return
    with pytest.raises(EventStatusWrong):
        check_step(held, Status(wanted), DAY)


def test_spells_of_one_kind_share_no_day_and_of_two_kinds_may() -> None:
    going_on = event(Kind.SOCIAL_WORKER, name="b", last=None, status=Status.NONE)

    check_overlap(event(), [going_on, replace(event(name="c"), withdrawn=True)])
    with pytest.raises(EventOverlaps):
        check_overlap(event(Kind.SOCIAL_WORKER, first=TODAY, last=None), [going_on])


def test_more_than_forty_five_days_a_year_and_a_long_spell_are_warned_of() -> None:
    long = event(sessions=12)
    others = [event(name=f"o{n}", sessions=20) for n in range(4)]

    assert warnings_of(long, others[:3]) == (Warned.PROVISION_FROM_DAY_SIX,)
    assert warnings_of(long, others) == (Warned.MORE_THAN_45_DAYS, Warned.PROVISION_FROM_DAY_SIX)
    assert warnings_of(event(sessions=2, status=Status.OVERTURNED), others) == ()


def test_events_are_counted_by_the_day_they_began_for_all_children_at_once() -> None:
    day = DAY.toordinal()
    rows = [(1, 1, day, 4), (1, 1, day + 9, 2), (2, 1, day - 1, 6), (2, 2, day, 0)]
    columns = Columns(*np.array([(*row, 100001) for row in rows], np.int64).T)
    children = np.array([1, 2, 3, 1], np.int64)
    first, last = np.array([day, day, day, 0]), np.array([day + 9, day + 9, day, day + 9])

    spells, sessions = columns.begun(Kind.SUSPENSION, children, first=first, last=last)

    assert spells.tolist() == [2, 0, 0, 0]
    assert sessions.tolist() == [6, 0, 0, 0]


def test_sessions_off_roll_are_those_of_the_last_school_between_two_rolls() -> None:
    days = lay_out([Span(date(2025, 2, 3), date(2025, 2, 28), DayKind.OPEN)])
    rolls = (
        Enrolment(urn=URN, first=date(2024, 9, 2), last=date(2025, 2, 7)),
        Enrolment(urn="100002", first=date(2025, 2, 17)),
    )
    child = Child(number=1, id="c", reception_year=2016, enrolments=rolls)
    grown = Child(number=2, id="g", reception_year=2012, enrolments=rolls)

    def lost(child: Child) -> int:
        return sessions_off_roll(child, {URN: days}, date(2025, 2, 1), last=date(2025, 2, 28))

    assert lost(child) == 10
    assert lost(grown) == 0, "past Year 11 nobody has to be on a roll"
