"""Quiet hours, digest mornings and working days on the wall clock, over both clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from services.notify.domain.hours import (
    QuietHours,
    WorkingCalendar,
    local_moment,
    midnight_before,
    next_midnight,
)
from services.notify.domain.words import Digest

NIGHT = QuietHours(time(19), time(7, 30))
CHRISTMAS = frozenset({date(2026, 12, 25), date(2026, 12, 28), date(2027, 1, 1)})
CALENDAR = WorkingCalendar(CHRISTMAS)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        pytest.param("2026-11-03T12:00", None, id="a-working-noon-is-not-quiet"),
        pytest.param("2026-11-03T18:59", None, id="a-minute-before-seven"),
        pytest.param("2026-11-03T19:00", "2026-11-04T07:30", id="seven-sharp"),
        pytest.param("2026-11-04T07:29", "2026-11-04T07:30", id="a-minute-before-the-end"),
        pytest.param("2026-11-04T07:30", None, id="the-end-itself"),
        pytest.param("2026-11-06T19:30", "2026-11-09T07:30", id="friday-evening-to-monday"),
        pytest.param("2026-11-07T12:00", "2026-11-09T07:30", id="saturday-noon"),
        pytest.param("2026-12-24T20:00", "2026-12-29T07:30", id="christmas-and-its-monday-off"),
        pytest.param("2026-07-07T18:30", "2026-07-08T06:30", id="summer-is-an-hour-off-utc"),
    ],
)
def test_quiet_hours_end_at_the_next_working_morning(moment: str, until: str | None) -> None:
    expected = utc(until) if until else None

    assert CALENDAR.quiet_until(utc(moment), NIGHT) == expected


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        pytest.param("2027-03-27T20:00", "2027-03-30T06:30", id="spring-weekend-with-easter"),
        pytest.param("2026-10-24T18:30", "2026-10-26T07:30", id="autumn-weekend"),
    ],
)
def test_the_night_of_a_clock_change_ends_at_half_past_seven_local(moment: str, until: str) -> None:
    easter = WorkingCalendar(frozenset({date(2027, 3, 26), date(2027, 3, 29)}))

    assert easter.quiet_until(utc(moment), NIGHT) == utc(until)


def test_quiet_hours_within_a_day_do_not_span_midnight() -> None:
    lunch = QuietHours(time(12), time(13), days_off=False)

    assert CALENDAR.quiet_until(utc("2026-11-03T12:30"), lunch) == utc("2026-11-03T13:00")
    assert CALENDAR.quiet_until(utc("2026-11-03T13:00"), lunch) is None


def test_an_hour_that_the_clocks_skip_or_repeat_is_one_moment() -> None:
    skipped = local_moment(date(2027, 3, 28), time(1, 30))
    repeated = local_moment(date(2026, 10, 25), time(1, 30))

    assert skipped == utc("2027-03-28T01:30")
    assert repeated == utc("2026-10-25T00:30")


@pytest.mark.parametrize(
    ("moment", "digest", "morning"),
    [
        ("2026-11-03T07:59", Digest.DAILY, "2026-11-03T08:00"),
        ("2026-11-03T08:00", Digest.DAILY, "2026-11-04T08:00"),
        ("2026-11-06T09:00", Digest.DAILY, "2026-11-09T08:00"),
        ("2026-12-24T09:00", Digest.DAILY, "2026-12-29T08:00"),
        ("2026-11-03T09:00", Digest.WEEKLY, "2026-11-09T08:00"),
        ("2026-12-24T09:00", Digest.WEEKLY, "2026-12-29T08:00"),
        ("2027-03-27T09:00", Digest.DAILY, "2027-03-29T07:00"),
        ("2026-10-24T09:00", Digest.DAILY, "2026-10-26T08:00"),
    ],
)
def test_a_digest_comes_at_eight_local_on_a_working_day(
    moment: str, digest: Digest, morning: str
) -> None:
    assert CALENDAR.next_digest(utc(moment), digest) == utc(morning)


def test_working_days_leave_out_weekends_and_bank_holidays() -> None:
    eve = utc("2026-12-23T17:00")

    assert CALENDAR.add_working_days(eve, 1) == utc("2026-12-24T17:00")
    assert CALENDAR.add_working_days(eve, 2) == utc("2026-12-29T17:00")
    assert CALENDAR.add_working_days(utc("2026-12-29T17:00"), -1) == utc("2026-12-24T17:00")
    assert CALENDAR.add_working_days(utc("2026-12-26T10:00"), 0) == utc("2026-12-29T10:00")


def test_a_working_day_over_a_clock_change_keeps_its_local_hour() -> None:
    friday = utc("2026-10-23T16:00")

    assert CALENDAR.add_working_days(friday, 1) == utc("2026-10-26T17:00")


def test_after_closing_the_next_working_day_counts() -> None:
    assert CALENDAR.end_of_day(utc("2026-11-06T16:59"), 0) == utc("2026-11-06T17:00")
    assert CALENDAR.end_of_day(utc("2026-11-06T17:00"), 0) == utc("2026-11-09T17:00")
    assert CALENDAR.end_of_day(utc("2026-11-07T10:00"), 3) == utc("2026-11-12T17:00")


def test_a_local_day_of_a_clock_change_is_23_or_25_hours() -> None:
    spring, autumn = utc("2027-03-28T12:00"), utc("2026-10-25T12:00")

    assert (next_midnight(spring) - midnight_before(spring)).total_seconds() == 23 * 3600
    assert (next_midnight(autumn) - midnight_before(autumn)).total_seconds() == 25 * 3600


def test_quiet_hours_are_read_from_settings() -> None:
    assert QuietHours.parse("19:00-07:30") == NIGHT
    assert QuietHours.parse("off") is None
    with pytest.raises(ValueError, match="Invalid isoformat"):
        QuietHours.parse("always")
