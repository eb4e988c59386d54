from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from google.type.money_pb2 import Money as MoneyMessage
from localresponse.fund.v1 import purchase_types_pb2 as purchases

from gateway.pages import deadlines, words
from gateway.pages.downloads import download, pounds
from gateway.pages.forms import Form
from services.chassis.money import Money
from services.chassis.wire import timestamp_to_proto


def test_money_dates_and_times_are_written_as_people_write_them() -> None:
    evening = datetime(2026, 6, 19, 15, 5, tzinfo=UTC)

    assert words.pounds(MoneyMessage(currency_code="GBP", units=1234, nanos=500_000_000)) == (
        "£1,234.50"
    )
    assert words.pounds(MoneyMessage()) == "£0.00"
    assert words.moment(evening) == "19 June 2026 at 4:05pm"
    assert words.day(date(2026, 11, 9)) == "9 November 2026"
    assert words.points(-0.449) == "\N{MINUS SIGN}0.4"
    assert words.points(-0.01) == "0.0"
    assert words.count(0, "request") == "no requests"


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        pytest.param("£1,234.5 ", 123_450, id="pound sign, comma and space"),
        pytest.param("20", 2_000, id="whole"),
        pytest.param(".5", None, id="no pounds"),
        pytest.param("0", None, id="nought"),
        pytest.param("12.345", None, id="too fine"),
        pytest.param("9" * 13, 999_999_999_999_900, id="large"),
        pytest.param("9" * 400, None, id="absurd"),
    ],
)
def test_an_amount_is_read_as_people_type_it(typed: str, minor: int | None) -> None:
    form = Form({"amount": typed})

    amount = form.money("amount", missing="Enter an amount")

    assert (amount.minor if amount else None) == minor
    assert bool(form.errors) == (minor is None)


@pytest.mark.parametrize("typed", ["", "0", "0.00", "£0"])
def test_an_amount_that_may_be_nothing_is_nothing(typed: str) -> None:
    form = Form({"vat": typed})

    assert form.optional_money("vat", zero=True) is None
    assert form.errors == []


@pytest.mark.parametrize("parts", [("31", "2", "2027"), ("x", "1", "2027"), ("1", "1", "")])
def test_a_date_that_is_none_is_refused(parts: tuple[str, str, str]) -> None:
    form = Form(dict(zip(("due-day", "due-month", "due-year"), parts, strict=True)))

    assert form.day("due", missing="Enter a date") is None
    assert [error.field for error in form.errors] == ["due-day"]


@pytest.mark.parametrize("cell", ["=1+1", "+44", "-x", "@SUM(A1)", "\tcmd"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_text(cell: str) -> None:
    file = bytes(download("file", ("Name",), [(cell,)]).body).decode()

    assert file.splitlines()[1].strip('"').startswith("'")


def test_a_negative_amount_stays_a_number() -> None:
    assert "\r\n-1.05\r\n" in bytes(download("f", ("A",), [(pounds(-105),)]).body).decode()
    assert words.pounds(Money(-105)) == "\N{MINUS SIGN}£1.05"


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        pytest.param(date(2026, 11, 2), 3, date(2026, 11, 5), id="inside a week"),
        pytest.param(date(2026, 11, 6), 1, date(2026, 11, 9), id="over a weekend"),
        pytest.param(date(2026, 11, 7), 0, date(2026, 11, 9), id="sent on a Saturday"),
        pytest.param(date(2026, 12, 24), 1, date(2026, 12, 29), id="over Christmas"),
    ],
)
def test_working_days_leave_out_weekends_and_bank_holidays(
    start: date, days: int, due: date
) -> None:
    assert deadlines.working_days_after(start, days) == due


def test_a_question_to_the_school_stops_the_clock() -> None:
    sent = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    much_later = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
    purchase = purchases.Purchase(
        urgency=purchases.URGENCY_SAME_DAY, submit_time=timestamp_to_proto(sent)
    )

    purchase.state = purchases.PURCHASE_STATE_SUBMITTED
    assert deadlines.is_late(purchase, much_later)
    purchase.state = purchases.PURCHASE_STATE_QUERIED
    assert not deadlines.is_late(purchase, much_later)
