"""Statistical neighbours by edition, and the reasons for suspensions by date."""

from __future__ import annotations

from datetime import date

import pytest
from localresponse.outcomes.v1 import schools_service_pb2 as pb

from services.outcomes.errors import AuthorityNotFound
from services.outcomes.reference import suspensions
from services.outcomes.reference.neighbours import LICENCE, neighbours
from tests.outcomes.authority import MANAGER, TENANT, Authority, on

CENSUS_2020 = [
    "PP",
    "PA",
    "VP",
    "VA",
    "OW",
    "BU",
    "RA",
    "LG",
    "DS",
    "SM",
    "DA",
    "DM",
    "TH",
    "DB",
    "MT",
    "PH",
]
CENSUS_2006 = ["PP", "PA", "VP", "VA", "BU", "RA", "SM", "DA", "DM", "TH", "DB", "OT"]


@pytest.mark.parametrize("day", [date(2025, 5, 1), date(2026, 11, 1), date(2019, 1, 1)])
def test_an_authority_has_ten_neighbours_of_a_named_edition(day: date) -> None:
    found = neighbours("E08000016", day)

    assert found.authority.name == "Barnsley"
    assert [one.rank for one in found.neighbours] == list(range(1, 11))
    assert found.neighbours[0].authority.number == "372"
    assert found.edition.name == "May 2025"
    assert found.ons_codes()[0] == found.neighbours[0].authority.ons_code
    assert neighbours("370", day) == found


def test_a_code_of_no_authority_has_no_neighbours() -> None:
    with pytest.raises(AuthorityNotFound):
        neighbours("E99999999", date(2026, 1, 1))


def test_the_reasons_of_a_suspension_are_those_of_its_day() -> None:
    assert [one.code for one in suspensions.reasons(date(2020, 9, 1))] == CENSUS_2020
    assert [one.code for one in suspensions.reasons(date(2020, 8, 31))] == CENSUS_2006
    assert {one.code for one in suspensions.reasons()} == {*CENSUS_2006, *CENSUS_2020}


@pytest.mark.parametrize(("day", "most"), [(date(2020, 8, 31), 1), (date(2020, 9, 1), 3)])
def test_a_suspension_gives_up_to_three_reasons_since_autumn_2020(day: date, most: int) -> None:
    assert suspensions.reasons_max(day) == most


def test_a_reason_is_found_in_any_case_and_only_if_it_is_one() -> None:
    found = suspensions.find(" db ")

    assert found is not None
    assert found.description == "Persistent or general disruptive behaviour"
    assert suspensions.find("XX") is None


async def test_both_are_answered_by_rpc(council: Authority) -> None:
    ask = pb.ListNeighboursRequest(ons_code=TENANT)
    near = await council.call(MANAGER, council.schools.ListNeighbours, ask)
    assert len(near.neighbours) == 10
    assert near.licence == LICENCE

    reasons = pb.ListSuspensionReasonsRequest(on_date=on(date(2024, 9, 9)))
    found = await council.call(MANAGER, council.schools.ListSuspensionReasons, reasons)
    assert [one.code for one in found.reasons] == CENSUS_2020
