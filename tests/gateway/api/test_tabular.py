"""Lists as CSV: flattened, complete, and safe to open."""

from __future__ import annotations

import csv
import io

import pytest

from gateway.api import tabular
from gateway.api.contract import Contract
from tests.gateway.api.conftest import Stack
from tests.gateway.api.library import message


def row_of(book: object) -> dict[str, str]:
    columns = tabular.columns(message("Book").DESCRIPTOR)
    text = tabular.lines(columns, [book], header=True)  # type: ignore[list-item]
    return next(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_text_that_is_a_formula_gets_an_apostrophe(library_contract: Contract, text: str) -> None:
    assert library_contract

    row = row_of(message("Book", title=text, tags=[text]))

    assert (row["title"], row["tags"]) == ("'" + text, "'" + text)


def test_numbers_keep_their_sign(library_contract: Contract) -> None:
    assert library_contract

    row = row_of(message("Book", copies=-5, price={"currency_code": "GBP", "units": -12}))

    assert (row["copies"], row["price"]) == ("-5", "-12.00")


def test_nested_values_are_columns(library_contract: Contract) -> None:
    assert library_contract
    book = message(
        "Book",
        price={"currency_code": "GBP", "units": 1234, "nanos": 50_000_000},
        print_date={"year": 2026, "month": 3, "day": 9},
        genre=2,
        tags=["a", "b"],
        chapters=[{"title": "I", "pages": 3}],
        notes={"cy": "da"},
        sequel_of={"id": "b0"},
    )
    book.create_time.FromJsonString("2026-11-21T09:30:00Z")

    row = row_of(book)

    assert (row["price"], row["price.currencyCode"]) == ("1234.05", "GBP")
    assert (row["printDate"], row["createTime"]) == ("2026-03-09", "2026-11-21T09:30:00Z")
    assert (row["genre"], row["tags"]) == ("GENRE_POETRY", "a;b")
    assert row["chapters"] == '[{"title":"I","pages":3}]'
    assert (row["notes"], row["sequelOf"]) == ('{"cy":"da"}', '{"id":"b0"}')


def test_what_is_absent_is_empty(library_contract: Contract) -> None:
    assert library_contract

    row = row_of(message("Book"))

    absent = ("price", "printDate", "createTime", "pageCount", "chapters", "sequelOf")
    assert [row[name] for name in absent] == [""] * 6


async def test_the_csv_twin_holds_every_page(stack: Stack) -> None:
    stack.library.books = [message("Book", id=f"b{number}") for number in range(450)]

    answer = await stack.send("GET", "/api/v1/books.csv?tags=a")

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="books.csv"'
    assert [row["id"] for row in rows] == [f"b{number}" for number in range(450)]
    assert [asked.page_size for asked in stack.library.asked] == [200, 200, 200]


async def test_the_csv_twin_of_one_page_is_that_page(stack: Stack) -> None:
    answer = await stack.send("GET", "/api/v1/books.csv?pageSize=2")

    assert len(answer.text.splitlines()) == 3


async def test_the_json_twin_is_the_list(stack: Stack) -> None:
    answer = await stack.send("GET", "/api/v1/books.json")

    assert answer.json()["nextPageToken"] == "2"


async def test_what_is_no_list_has_no_twin(stack: Stack) -> None:
    answer = await stack.send("GET", "/api/v1/books/b1.csv")

    assert stack.library.last.book_id == "b1.csv"
    assert answer.headers["content-type"] == "application/json"
