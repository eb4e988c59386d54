"""Calendars laid out day by day, and the half-terms that follow, on a real authority's dates."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from services.outcomes.reference.calendars import (
    DayKind,
    SessionsOfDay,
    Span,
    academic_year,
    lay_out,
    weekdays_between,
)

OPEN, INSET, CLOSURE, HOLIDAY = DayKind.OPEN, DayKind.INSET, DayKind.CLOSURE, DayKind.HOLIDAY
SHEFFIELD_2025 = [
    Span(date(2025, 9, 1), date(2025, 10, 24), OPEN),
    Span(date(2025, 11, 3), date(2025, 12, 19), OPEN),
    Span(date(2026, 1, 5), date(2026, 2, 13), OPEN),
    Span(date(2026, 2, 23), date(2026, 3, 27), OPEN),
    Span(date(2026, 4, 13), date(2026, 5, 22), OPEN),
    Span(date(2026, 6, 1), date(2026, 7, 17), OPEN),
]


def kinds_on(spans: list[Span], *days: date) -> list[list[int]]:
    ordinals = np.array([day.toordinal() for day in days], np.int32)
    found: list[list[int]] = lay_out(spans).at(ordinals).tolist()
    return found


def test_six_half_terms_follow_from_a_years_dates() -> None:
    terms = lay_out(SHEFFIELD_2025).half_terms()

    assert [(term.academic_year, term.number) for term in terms] == [
        (2025, number) for number in range(1, 7)
    ]
    assert [(term.first, term.last) for term in terms] == [
        (span.first, span.last) for span in SHEFFIELD_2025
    ]


def test_a_closure_of_four_days_does_not_cut_a_half_term() -> None:
    snow = Span(date(2025, 9, 15), date(2025, 9, 18), CLOSURE)

    terms = lay_out([SHEFFIELD_2025[0], snow]).half_terms()

    assert len(terms) == 1
    assert terms[0].sessions == 80 - 8


def test_a_week_of_holiday_cuts_a_half_term_and_a_week_of_closure_does_not() -> None:
    week = date(2025, 9, 15), date(2025, 9, 19)

    on_holiday = lay_out([SHEFFIELD_2025[0], Span(*week, HOLIDAY)]).half_terms()
    shut_by_snow = lay_out([SHEFFIELD_2025[0], Span(*week, CLOSURE)]).half_terms()

    assert (len(on_holiday), len(shut_by_snow)) == (2, 1)


def test_a_term_may_begin_with_inset() -> None:
    inset = Span(date(2025, 9, 1), date(2025, 9, 2), INSET)

    (term,) = lay_out([SHEFFIELD_2025[0], inset]).half_terms()

    assert term.first == date(2025, 9, 3)


def test_a_later_span_goes_over_an_earlier_one_for_one_session() -> None:
    afternoon = Span(date(2025, 9, 2), date(2025, 9, 2), CLOSURE, SessionsOfDay.PM)

    assert kinds_on([SHEFFIELD_2025[0], afternoon], date(2025, 9, 2)) == [[OPEN, CLOSURE]]


def test_an_open_span_leaves_weekends_and_bank_holidays_alone() -> None:
    saturday, may_day = date(2026, 5, 2), date(2026, 5, 4)

    assert kinds_on(SHEFFIELD_2025, saturday, may_day) == [[0, 0], [0, 0]]


def test_one_day_alone_may_be_opened_even_on_a_saturday() -> None:
    saturday = date(2026, 5, 2)

    assert kinds_on([Span(saturday, saturday, OPEN)], saturday) == [[OPEN, OPEN]]


def test_outside_the_calendar_nothing_is_known() -> None:
    assert kinds_on(SHEFFIELD_2025, date(2024, 1, 1), date(2030, 1, 1)) == [[0, 0], [0, 0]]


def test_a_calendar_without_spans_has_no_half_terms() -> None:
    assert lay_out([]).half_terms() == []
    assert lay_out([]).spans() == []


def test_spans_come_back_as_runs_of_equal_days() -> None:
    days = lay_out(
        [
            Span(date(2025, 9, 1), date(2025, 9, 5), OPEN),
            Span(date(2025, 9, 3), date(2025, 9, 3), INSET),
            Span(date(2025, 9, 5), date(2025, 9, 5), HOLIDAY, SessionsOfDay.PM),
        ]
    )

    assert days.spans() == [
        Span(date(2025, 9, 1), date(2025, 9, 2), OPEN),
        Span(date(2025, 9, 3), date(2025, 9, 3), INSET),
        Span(date(2025, 9, 4), date(2025, 9, 4), OPEN),
        Span(date(2025, 9, 5), date(2025, 9, 5), OPEN, SessionsOfDay.AM),
        Span(date(2025, 9, 5), date(2025, 9, 5), HOLIDAY, SessionsOfDay.PM),
    ]


@pytest.mark.parametrize(
    ("first", "second", "between"),
    [
        pytest.param(date(2025, 9, 5), date(2025, 9, 8), 0, id="over a weekend"),
        pytest.param(date(2025, 9, 1), date(2025, 9, 3), 1, id="one day between"),
        pytest.param(date(2025, 10, 24), date(2025, 11, 3), 5, id="over a week"),
    ],
)
def test_weekdays_between_counts_what_a_gap_holds(first: date, second: date, between: int) -> None:
    assert weekdays_between(first.toordinal(), second.toordinal()) == between


def test_the_academic_year_turns_on_the_first_of_august() -> None:
    assert academic_year(date(2026, 7, 31)) == 2025
    assert academic_year(date(2026, 8, 1)) == 2026
