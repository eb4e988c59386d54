"""Hostile and merely wrong JSON: each a specific problem with a pointer, never a 500."""

from __future__ import annotations

import pytest

from gateway.api import json_text
from gateway.api.contract import Contract
from gateway.api.json_reading import Reader
from gateway.api.problems import Problem
from tests.gateway.api.library import message

MALFORMED = "MALFORMED_JSON"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"{", MALFORMED, id="cut short"),
        pytest.param(b"{'a': 1}", MALFORMED, id="single quotes"),
        pytest.param(b'{"a": 1,}', MALFORMED, id="a comma too many"),
        pytest.param(b'{"a": 1} x', MALFORMED, id="more after the end"),
        pytest.param(b'{"a": NaN}', MALFORMED, id="NaN"),
        pytest.param(b'{"a": -Infinity}', MALFORMED, id="Infinity"),
        pytest.param(b'{"a": 01}', MALFORMED, id="a leading zero"),
        pytest.param(b'{"a": 1, "a": 2}', MALFORMED, id="a name twice"),
        pytest.param(b'{"\xff": 1}', MALFORMED, id="not UTF-8"),
        pytest.param('{"a": 1}'.encode("utf-16"), MALFORMED, id="UTF-16"),
        pytest.param(b'\xef\xbb\xbf{"a": 1}', MALFORMED, id="a byte order mark"),
        pytest.param(b'{"a": ' + b"9" * 5000 + b"}", MALFORMED, id="5,000 digits"),
        pytest.param(b"[" * 100_000, "NESTED_TOO_DEEP", id="100,000 brackets open"),
        pytest.param(b"[" * 50 + b"]" * 50, "NESTED_TOO_DEEP", id="50 lists deep"),
        pytest.param(b'{"a":' * 33 + b"{}" + b"}" * 33, "NESTED_TOO_DEEP", id="33 deep"),
    ],
)
def test_text_that_is_no_plain_json_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(Problem) as refused:
        json_text.read(body)

    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("value", "pointer", "words"),
    [
        pytest.param([], "#", "an object", id="a list for an object"),
        pytest.param({"colour": 1}, "#/colour", "not a field of", id="an unknown field"),
        pytest.param({"a/b~c": 1}, "#/a~1b~0c", "not a field of", id="a name to be escaped"),
        pytest.param({"offer": {"pence": 1}}, "#/offer/pence", "Money", id="unknown, nested"),
        pytest.param({"copies": "many"}, "#/copies", "whole", id="words for a number"),
        pytest.param({"copies": 1.5}, "#/copies", "whole", id="a fraction for an integer"),
        pytest.param({"copies": True}, "#/copies", "whole", id="a bool for a number"),
        pytest.param({"copies": 2**31}, "#/copies", "between", id="beyond 32 bits"),
        pytest.param({"copies": [1]}, "#/copies", "whole", id="a list for a number"),
        pytest.param({"account": 2**53 + 1}, "#/account", "2^53", id="bare beyond 2^53"),
        pytest.param({"account": 1e300}, "#/account", "between", id="a float beyond 64 bits"),
        pytest.param({"account": str(2**63)}, "#/account", "between", id="beyond 64 bits"),
        pytest.param({"account": "1e3"}, "#/account", "whole", id="an exponent in a string"),
        pytest.param({"serial": -1}, "#/serial", "between", id="a sign on an unsigned"),
        pytest.param({"offer": {"units": 9.5}}, "#/offer/units", "whole", id="half a pound"),
        pytest.param({"card": 5}, "#/card", "a string", id="a number for a string"),
        pytest.param({"card": "a\0"}, "#/card", "U+0000", id="a NUL"),
        pytest.param({"card": "\ud800"}, "#/card", "surrogate", id="half a surrogate pair"),
        pytest.param({"present": "true"}, "#/present", "true or false", id="a string for a bool"),
        pytest.param({"present": 1}, "#/present", "true or false", id="a number for a bool"),
        pytest.param({"genre": "NOVEL"}, "#/genre", "GENRE_NOVEL, GENRE_POETRY", id="an enum"),
        pytest.param({"genre": 9}, "#/genre", "one of", id="an unknown enum number"),
        pytest.param({"scan": "***"}, "#/scan", "base64", id="not base64"),
        pytest.param({"scan": "é"}, "#/scan", "base64", id="not ASCII"),
        pytest.param({"share": "half"}, "#/share", "a number", id="words for a float"),
        pytest.param({"weight": 1e39}, "#/weight", "too large", id="beyond a float"),
        pytest.param({"share": 10**400}, "#/share", "too large", id="beyond a double"),
        pytest.param({"dueTime": "soon"}, "#/dueTime", "a time", id="a time"),
        pytest.param({"dueTime": {}}, "#/dueTime", "a time", id="an object for a time"),
        pytest.param({"chapters": {}}, "#/chapters", "a list", id="an object for a list"),
        pytest.param({"chapters": [None]}, "#/chapters/0", "an object", id="null in a list"),
        pytest.param(
            {"chapters": [{}, {"pages": "x"}]}, "#/chapters/1/pages", "whole", id="in a list"
        ),
        pytest.param({"notes": []}, "#/notes", "an object", id="a list for a map"),
        pytest.param({"notes": {"en": 1}}, "#/notes/en", "a string", id="in a map"),
        pytest.param({"card": "1", "account": 2}, "#/account", "together with card", id="oneof"),
        pytest.param(
            {"bookId": "1", "book_id": "1"}, "#/book_id", "together", id="one field, two names"
        ),
    ],
)
def test_a_wrong_value_is_refused_with_its_pointer(
    library_contract: Contract, value: object, pointer: str, words: str
) -> None:
    assert library_contract
    reader = Reader()

    reader.message(message("BuyBookRequest"), value)

    assert [error.pointer for error in reader.errors] == [pointer]
    assert words in reader.errors[0].detail


def test_every_fault_is_told_at_once(library_contract: Contract) -> None:
    assert library_contract
    reader = Reader()

    reader.message(message("BuyBookRequest"), {"x": 1, "copies": "y", "notes": {"en": 1}})

    assert [error.pointer for error in reader.errors] == ["#/x", "#/copies", "#/notes/en"]


def test_good_values_of_every_kind_are_taken(library_contract: Contract) -> None:
    assert library_contract
    target = message("BuyBookRequest")
    reader = Reader()

    reader.message(
        target,
        {
            "book_id": "7",
            "offer": {"currencyCode": "GBP", "units": "9007199254740993", "nanos": 10_000_000},
            "copies": 2.0,
            "account": str(2**63 - 1),
            "scan": "_-8",
            "chapters": [{"title": "I"}],
            "notes": {"cy": "da"},
            "genre": 2,
            "dueTime": "2026-11-21T09:30:00Z",
            "share": "NaN",
            "present": None,
            "serial": str(2**64 - 1),
        },
    )

    assert reader.errors == []
    assert (target.offer.units, target.account) == (9007199254740993, 2**63 - 1)
    assert (target.copies, target.scan, target.genre) == (2, b"\xff\xef", 2)
