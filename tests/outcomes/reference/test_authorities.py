"""England's authorities and their statistical neighbours, and schools as they are published."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from services.chassis.database import Database
from services.outcomes.imports.schools import SchoolsUnreadable, command, read_links, read_schools
from services.outcomes.imports.schools.files import followed
from services.outcomes.reference.authorities import by_number, by_ons_code, comparable
from services.outcomes.reference.domain import Phase
from tests.outcomes.authority import migrate
from tests.support.clock import FakeClock
from tests.support.paths import SHARED_DATA

REGISTER = SHARED_DATA / "schools" / "dfe_school_register_2017-18.csv"
GIAS = (
    "URN,LA (code),LA (name),EstablishmentNumber,EstablishmentName,"
    "TypeOfEstablishment (name),PhaseOfEducation (name)\r\n"
    "100001,201,City of London,3614,The Aldgate School,Voluntary aided school,Primary\r\n"
    "100002,201,City of London,7001,Free Men\x92s,Community special school,Not applicable\r\n"
    "100003,201,City of London,1100,A unit,Pupil referral unit,Not applicable\r\n"
    "100004,201,City of London,4001,A middle,Academy converter,Middle deemed secondary\r\n"
    "100005,201,City of London,6000,Fee-paying,Other independent school,Not applicable\r\n"
).encode("latin-1")


def test_every_authority_has_ten_neighbours_and_is_not_its_own() -> None:
    authorities = by_number()

    assert len(authorities) == 158
    for number, authority in authorities.items():
        neighbours = [each.number for each in authority.neighbours]
        assert len(set(neighbours)) == 10
        assert number not in neighbours
        assert set(neighbours) <= set(authorities)


def test_an_authority_is_found_by_either_code() -> None:
    assert by_number()["370"].name == "Barnsley"
    assert by_ons_code()["E08000016"].number == "370"
    assert comparable("E08000016")[0] == by_number()["372"].ons_code
    assert comparable("E99999999") == []


def test_no_two_authorities_share_an_ons_code() -> None:
    codes = Counter(one.ons_code for one in by_number().values() if one.ons_code)

    assert max(codes.values()) == 1


def test_the_register_of_schools_is_read_whatever_its_encoding() -> None:
    schools = read_schools(REGISTER.read_bytes())

    assert len(schools) > 20_000
    assert [school.urn for school in schools] == sorted({school.urn for school in schools})
    assert not any("\ufffd" in school.name for school in schools)
    named = {school.urn: school for school in schools}
    assert named["100052"].phase is Phase.SECONDARY


def test_one_authoritys_schools_are_those_of_its_number() -> None:
    schools = read_schools(REGISTER.read_bytes(), authority="202")

    assert schools
    assert all(school.laestab.startswith("202") for school in schools)


def test_gias_is_read_by_its_own_column_names() -> None:
    phases = {school.urn: school.phase for school in read_schools(GIAS)}

    assert phases == {
        "100001": Phase.PRIMARY,
        "100002": Phase.SPECIAL,
        "100003": Phase.ALTERNATIVE,
        "100004": Phase.SECONDARY,
    }
    assert read_schools(GIAS)[1].name == "Free Men\u2019s"
    assert read_schools(GIAS)[0].laestab == "2013614"


def test_a_school_follows_its_predecessor() -> None:
    links = read_links(
        b"URN,LinkURN,LinkName,LinkType,LinkEstablishedDate\n"
        b"100004,100009,Old,Predecessor - merged,01-09-2015\n"
        b"100004,100008,Older,Predecessor,01-09-2015\n"
        b"100001,100007,New,Successor,01-09-2020\n"
    )

    assert links == {"100004": ("100008", "100009")}
    school = followed(read_schools(GIAS)[3], links)
    assert (school.predecessor_urn, school.other_predecessor_urns) == ("100008", ("100009",))
    assert followed(read_schools(GIAS)[0], links).predecessors() == ()


def test_gias_says_when_a_school_opened_and_closed() -> None:
    head, *rows = GIAS.split(b"\r\n")
    dated = b"\r\n".join([head + b",OpenDate,CloseDate", rows[0] + b",01-09-1992,31-08-2024"])

    (school,) = read_schools(dated)

    assert (school.opened, school.closed) == (date(1992, 9, 1), date(2024, 8, 31))


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"URN,SchoolName\nx,y\n"])
def test_what_is_no_file_of_schools_is_refused(content: bytes) -> None:
    with pytest.raises(SchoolsUnreadable):
        read_schools(content)


def test_an_authoritys_schools_come_in_by_command(
    database_url: str, clock: FakeClock, capsys: pytest.CaptureFixture[str]
) -> None:
    migrate(database_url)

    for expected in ("added, 0 replaced", " 0 schools added, 0 replaced"):
        database = Database(database_url, readers=1)
        assert command.run(database, clock, file=REGISTER, authority="E08000016") == 0
        assert expected in capsys.readouterr().out

    database = Database(database_url, readers=1)
    assert command.run(database, clock, file=REGISTER, authority="E00000000") == 2
    assert "not the ONS code" in capsys.readouterr().err
