"""Ids sort by time; page tokens belong to one query."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from localresponse.outcomes.v1 import schools_service_pb2 as pb

from services.chassis.clock import SharedClock, SystemClock, london_date
from services.chassis.ids import derived_id, new_id
from services.chassis.pagination import Page, PageTokenInvalid, PageTokens, page_size


def test_ids_are_version_seven_and_differ() -> None:
    ids = [new_id() for _ in range(1000)]

    assert {UUID(value).version for value in ids} == {7}
    assert len(set(ids)) == 1000


def test_the_same_parts_derive_the_same_id() -> None:
    assert derived_id("a", "b") == derived_id("a", "b")
    assert derived_id("a", "b") != derived_id("ab", "")


def test_a_page_token_gives_its_position_back() -> None:
    tokens = PageTokens(b"key")

    token = tokens.encode("query", {"id": "7"})

    assert tokens.decode(token, "query") == {"id": "7"}
    assert tokens.decode("", "query") == {}


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-2] + "AA", lambda _: "nonsense", lambda t: t + "é"]
)
def test_an_altered_page_token_is_refused(spoil: object) -> None:
    tokens = PageTokens(b"key")
    token = tokens.encode("query", {"id": "7"})

    with pytest.raises(PageTokenInvalid):
        tokens.decode(spoil(token), "query")  # type: ignore[operator] # a table of functions


def test_a_page_token_of_another_query_is_refused() -> None:
    tokens = PageTokens(b"key")

    with pytest.raises(PageTokenInvalid):
        tokens.decode(tokens.encode("one", {"id": "7"}), "two")


@pytest.mark.parametrize(("asked", "given"), [(0, 50), (7, 7), (5000, 200)])
def test_a_page_is_never_larger_than_the_most(asked: int, given: int) -> None:
    assert page_size(asked) == given


def asked(size: int, token: str = "") -> Page:
    request = pb.ListSchoolsRequest(page_size=size, page_token=token)
    return PageTokens(b"key").page(request, "E06000050")


def test_a_row_more_than_the_page_makes_the_token_of_the_next() -> None:
    first = asked(2)

    shown, token = first.cut(["a", "b", "c"], lambda row: {"id": row})

    assert (shown, first.limit) == (["a", "b"], 3)
    second = asked(2, token)
    assert second.last_id == "b"
    assert second.cut(["c"], lambda row: {"id": row}) == (["c"], "")


def test_a_list_that_was_read_whole_is_given_in_parts() -> None:
    first, token = asked(2).part_of([1, 2, 3, 4])
    second = asked(2, token).part_of([1, 2, 3, 4])

    assert first == [1, 2]
    assert second == ([3, 4], "")


def test_the_day_is_chosen_in_london() -> None:
    before_midnight_utc = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)

    assert london_date(before_midnight_utc) == date(2026, 4, 1)


def test_a_moved_clock_is_moved_for_all_who_share_its_file_and_goes_on(tmp_path: Path) -> None:
    mover, follower = (SharedClock(tmp_path / "clock.json") for _ in range(2))
    moment = datetime(2026, 1, 7, 9, tzinfo=UTC)
    assert abs(follower.now() - SystemClock().now()) < timedelta(minutes=1)

    mover.move(moment)

    first = follower.now()
    assert moment <= first < moment + timedelta(minutes=1)
    assert follower.now() >= first
