"""Unique pupil numbers, age groups and enrolments by their rules."""

from __future__ import annotations

from datetime import date

import pytest

from services.outcomes.children.domain import (
    Child,
    Enrolment,
    Identifier,
    Person,
    Scheme,
    first_overlap,
    reception_year,
    upn_is_valid,
)


@pytest.mark.parametrize(
    ("upn", "valid"),
    [
        pytest.param("B801200005001", True, id="the standard's own example"),
        pytest.param("b801 2000 05001", True, id="small letters and spaces"),
        pytest.param("Q207000016049", False, id="two vendors' wrong example, letter Q"),
        pytest.param("B207000016049", False, id="that example as its vendors print it"),
        pytest.param("P207000016049", True, id="that example put right"),
        pytest.param("A801200005001", False, id="another letter"),
        pytest.param("B801200005010", False, id="two digits swapped"),
        pytest.param("I801200005001", False, id="a letter the alphabet lacks"),
        pytest.param("B80120000500", False, id="too short"),
        pytest.param("B8012000050011", False, id="too long"),
        pytest.param("", False, id="empty"),
        pytest.param("8801200005001", False, id="no letter"),
    ],
)
def test_the_check_letter_of_a_pupil_number_must_fit(upn: str, *, valid: bool) -> None:
    assert upn_is_valid(upn) is valid


def test_a_temporary_pupil_number_ends_in_a_letter() -> None:
    letters = "ABCDEFGHJKLMNPQRTUVWXYZ"
    valid = [first for first in letters if upn_is_valid(f"{first}80120000500A")]

    assert len(valid) == 1


@pytest.mark.parametrize(
    ("born", "starts", "year_group_in_spring_2026"),
    [
        (date(2015, 8, 31), 2019, 6),
        (date(2015, 9, 1), 2020, 5),
        (date(2020, 12, 1), 2025, 0),
    ],
)
def test_an_age_group_begins_with_september(
    born: date, starts: int, year_group_in_spring_2026: int
) -> None:
    child = Child(number=1, id="x", reception_year=reception_year(born))

    assert child.reception_year == starts
    assert child.year_group(date(2026, 3, 1)) == year_group_in_spring_2026


def test_a_new_pupil_number_makes_the_old_one_former() -> None:
    before = Person(forename="Ada", upn="B801200005001", mis_ids=(("100001", "7"),))

    after = before.updated(Person(upn="P207000016049", mis_ids=(("100002", "7"),)))

    assert after.forename == "Ada"
    assert after.former_upns == ("B801200005001",)
    assert after.identifiers() == [
        Identifier(Scheme.UPN, "P207000016049"),
        Identifier(Scheme.UPN, "B801200005001"),
        Identifier(Scheme.MIS, "100001|7"),
        Identifier(Scheme.MIS, "100002|7"),
    ]


@pytest.mark.parametrize(
    ("urn", "first", "last", "overlaps"),
    [
        pytest.param("100001", date(2024, 9, 1), None, True, id="from the same day"),
        pytest.param("100001", date(2024, 1, 1), date(2024, 8, 31), False, id="before"),
        pytest.param("100001", date(2024, 1, 1), date(2024, 9, 1), True, id="to the first day"),
        pytest.param("100001", date(2025, 7, 1), None, True, id="on the last day"),
        pytest.param("100001", date(2025, 7, 2), None, False, id="after"),
        pytest.param("100002", date(2024, 9, 1), None, False, id="at another school"),
    ],
)
def test_two_enrolments_at_a_school_may_not_share_a_day(
    urn: str, first: date, last: date | None, *, overlaps: bool
) -> None:
    known = Enrolment(urn="100001", first=date(2024, 9, 1), last=date(2025, 7, 1))
    new = Enrolment(urn=urn, first=first, last=last)

    assert (first_overlap([known], new) is known) is overlaps
