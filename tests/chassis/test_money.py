"""Amounts are whole pence, on the wire and off it."""

from __future__ import annotations

from datetime import date

import pytest
from google.type.date_pb2 import Date
from google.type.money_pb2 import Money as MoneyMessage
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.errors import ServiceError
from services.chassis.money import MINOR_MAX, Money, total
from services.chassis.wire import (
    date_from_proto,
    date_to_proto,
    money_from_proto,
    money_to_proto,
)


@given(st.integers(-MINOR_MAX, MINOR_MAX))
def test_an_amount_survives_the_wire(minor: int) -> None:
    amount = Money(minor)

    assert money_from_proto(money_to_proto(amount), "amount", allow_negative=True) == amount


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        pytest.param(
            MoneyMessage(currency_code="EUR", units=1), "CURRENCY_NOT_ACCEPTED", id="euro"
        ),
        pytest.param(MoneyMessage(units=1, nanos=1), "MONEY_TOO_FINE", id="part of a penny"),
        pytest.param(MoneyMessage(units=-1), "MONEY_OUT_OF_RANGE", id="negative"),
        pytest.param(MoneyMessage(units=1, nanos=-10_000_000), "MONEY_OUT_OF_RANGE", id="mixed"),
        pytest.param(MoneyMessage(units=2**53), "MONEY_OUT_OF_RANGE", id="too large"),
        pytest.param(MoneyMessage(nanos=2_000_000_000), "MONEY_OUT_OF_RANGE", id="nanos overflow"),
    ],
)
def test_an_amount_that_pence_cannot_hold_is_refused(message: MoneyMessage, reason: str) -> None:
    with pytest.raises(ServiceError) as refusal:
        money_from_proto(message, "lines[0].unit_price")

    assert refusal.value.reason == reason
    assert refusal.value.field == "lines[0].unit_price"


@pytest.mark.parametrize(
    ("text", "minor"),
    [("£1,234.5 ", 123450), ("20", 2000), ("0.07", 7), ("-3.10", -310), ("\N{MINUS SIGN}1", -100)],
)
def test_people_write_pounds_in_many_ways(text: str, minor: int) -> None:
    assert Money.pounds(text) == Money(minor)


@pytest.mark.parametrize("text", ["", "1.234", "12,5.0.0", "ten", "1e3", "£", "٣"])
def test_what_is_not_an_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        Money.pounds(text)


def test_amounts_of_two_currencies_are_never_added() -> None:
    with pytest.raises(ValueError, match="never added"):
        Money(1) + Money(1, "EUR")


def test_an_amount_is_shown_as_people_write_it() -> None:
    assert str(Money(-123456)) == "\N{MINUS SIGN}£1,234.56"
    assert total([Money(1), Money(2)]) == Money(3)


def test_a_date_survives_the_wire_and_a_day_that_does_not_exist_is_refused() -> None:
    day = date(2024, 2, 29)

    assert date_from_proto(date_to_proto(day), "day") == day
    with pytest.raises(ServiceError) as refusal:
        date_from_proto(Date(year=2023, month=2, day=29), "day")
    assert refusal.value.reason == "DATE_INVALID"
