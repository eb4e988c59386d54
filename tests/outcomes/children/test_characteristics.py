"""Characteristics by their rules: closed codes, days, purposes, and what was known when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from localresponse.outcomes.v1 import characteristics_service_pb2 as pb
from sqlalchemy import select

from services.chassis.errors import PermissionDenied
from services.outcomes.children.characteristics import queries
from services.outcomes.children.characteristics.domain import (
    Characteristic,
    Statement,
    check,
    in_force,
)
from services.outcomes.children.characteristics.kinds import KINDS, RULES, Kind, Purpose
from services.outcomes.children.characteristics.storage import CHARACTERISTIC
from services.outcomes.errors import ChildNotFound, RowsRefused
from services.outcomes.errors.children import CharacteristicInvalid
from tests.outcomes.authority import (
    ADMINISTRATOR,
    ELSEWHERE,
    MANAGER,
    MONDAY,
    PRACTITIONER,
    STRANGER,
    TENANT,
    Authority,
    on,
    rid,
    table,
    upn,
)
from tests.outcomes.children.test_erasing import erase
from tests.outcomes.children.test_rolls import at, first_child

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
SUPPORT, EVALUATION = pb.CHARACTERISTIC_PURPOSE_SUPPORT, pb.CHARACTERISTIC_PURPOSE_EVALUATION


def said(number: int, value: str, first: date, **fields: Any) -> Characteristic:
    fields.setdefault("kind", Kind.SEN_PROVISION)
    return Characteristic(
        number=number,
        statement=Statement(value=value, first=first, **fields),
        purposes=Purpose.EVALUATION,
        source="census",
        recorded_at=NOON,
        recorded_by="somebody",
    )


def test_the_numbers_of_kinds_are_the_protos() -> None:
    named = {f"CHARACTERISTIC_KIND_{kind.name}": int(kind) for kind in Kind}

    assert {name: number for name, number in pb.CharacteristicKind.items() if number} == named
    assert [rule.kind for rule in KINDS] == list(Kind)


REFUSED = [
    pytest.param({"value": "Q"}, id="no such code"),
    pytest.param({"value": ""}, id="nothing said"),
    pytest.param({"value": "S"}, id="a code that ended"),
    pytest.param({"value": "E", "last": date(2024, 1, 1)}, id="ends before it begins"),
    pytest.param({"value": "", "taken_back": True}, id="nothing to take back"),
    pytest.param({"value": "E", "taken_back": True, "supersedes": 1}, id="a value taken back"),
]


@pytest.mark.parametrize("fields", REFUSED)
def test_what_is_no_statement_is_refused(fields: dict[str, Any]) -> None:
    statement = Statement(kind=Kind.SEN_PROVISION, first=date(2025, 9, 1), **fields)

    with pytest.raises(CharacteristicInvalid):
        check(statement, 0)


def test_of_statements_that_overlap_the_later_one_holds() -> None:
    support = said(1, "K", date(2025, 9, 1))
    plan = said(2, "E", date(2026, 3, 1))
    spring = said(3, "N", date(2026, 1, 5), last=date(2026, 1, 9))

    def held(day: date, *given: Characteristic) -> str:
        return in_force(given, day)[Kind.SEN_PROVISION].statement.value

    assert held(date(2026, 2, 28), support, plan) == "K"
    assert held(date(2026, 3, 1), support, plan) == "E"
    assert held(date(2026, 1, 7), support, spring) == "N"
    assert held(date(2026, 1, 10), support, spring) == "K"
    assert in_force([support], date(2025, 8, 31)) == {}


def test_what_is_taken_back_or_superseded_holds_on_no_day() -> None:
    wrong = said(1, "E", date(2025, 9, 1))
    right = said(2, "K", date(2025, 10, 1), supersedes=1)
    gone = said(2, "", date(2025, 9, 1), supersedes=1, taken_back=True)

    assert in_force([wrong, right], date(2025, 9, 15)) == {}
    assert in_force([wrong, right], date(2025, 10, 1))[Kind.SEN_PROVISION] is right
    assert in_force([wrong, gone], date(2025, 10, 1)) == {}


async def record(
    council: Authority,
    child: str,
    *statements: tuple[int, str],
    who: Any = PRACTITIONER,
    **more: Any,
) -> Any:
    given = [
        pb.CharacteristicStatement(kind=kind, value=value, first_date=on(MONDAY), **more)  # type: ignore[arg-type]
        for kind, value in statements
    ]
    request = pb.RecordCharacteristicsRequest(
        request_id=rid(),
        child_id=child,
        statements=given,
        source="school census, January 2026",
        purposes=[SUPPORT, EVALUATION],
    )
    return await council.call(who, characteristics(council).RecordCharacteristics, request)


def characteristics(council: Authority) -> Any:
    return council.served("CharacteristicsService")


async def known(council: Authority, child: str, who: Any = PRACTITIONER, **asked: Any) -> Any:
    request = pb.ListCharacteristicsRequest(child_id=child, **asked)
    found = await council.call(who, characteristics(council).ListCharacteristics, request)
    return [(one.number, one.value) for one in found.characteristics]


async def test_what_was_known_is_answered_as_of_then_and_what_tells_too_much_is_sealed(
    authority: Authority,
) -> None:
    child = await first_child(authority)
    await record(authority, child, (Kind.SEN_PROVISION, "k"), (Kind.ETHNIC_GROUP, "APKN"))
    before = authority.clock.now()
    authority.clock.advance(days=1)
    await record(authority, child, (Kind.SEN_PROVISION, "E"), supersedes=1)

    assert await known(authority, child) == [(1, "K"), (2, "APKN"), (3, "E")]
    assert await known(authority, child, on_date=on(MONDAY)) == [(3, "E"), (2, "APKN")]
    then = {"on_date": on(MONDAY), "as_of_time": at(before)}
    assert await known(authority, child, **then) == [(1, "K"), (2, "APKN")]
    assert await known(authority, child, MANAGER) == [(1, "K"), (2, ""), (3, "E")]
    rows = await authority.database.read(
        lambda held: held.execute(select(CHARACTERISTIC.c.value)).scalars().all()
    )
    assert "APKN" not in rows

    await erase(authority, child)
    assert (await known(authority, child))[1] == (2, "")
    with pytest.raises(ChildNotFound):
        await record(authority, child, (Kind.SEX, "F"))


async def test_an_analysis_is_told_what_was_recorded_for_evaluation_and_nothing_sealed(
    council: Authority,
) -> None:
    child = await first_child(council)
    await record(council, child, (Kind.SEN_PROVISION, "K"), (Kind.YOUNG_CARER, "P"))
    request = pb.RecordCharacteristicsRequest(
        request_id=rid(),
        child_id=child,
        statements=[
            pb.CharacteristicStatement(
                kind=pb.CHARACTERISTIC_KIND_FREE_SCHOOL_MEALS, value="Y", first_date=on(MONDAY)
            )
        ],
        source="meals list",
        purposes=[SUPPORT],
    )
    await council.call(PRACTITIONER, characteristics(council).RecordCharacteristics, request)

    def facts(day: date) -> Any:
        return council.database.read(lambda held: queries.facts_on(held, TENANT, [1, 2, 3], on=day))

    assert await facts(MONDAY) == {1: {"sen_provision": "K"}}
    assert await facts(MONDAY - timedelta(days=1)) == {}


async def send(council: Authority, *rows: Any, who: Any = ADMINISTRATOR, **fields: Any) -> Any:
    request = pb.ImportCharacteristicsRequest(
        request_id=rid(),
        content=table(*rows),
        first_date=on(MONDAY),
        source="MIS",
        purposes=[EVALUATION],
        **fields,
    )
    return await council.call(who, characteristics(council).ImportCharacteristics, request)


async def test_a_file_has_a_column_for_each_kind_and_records_what_is_new(
    council: Authority,
) -> None:
    rows = [
        ("UPN", "Sex", "sen_provision", "ethnic_group"),
        (upn(1), "F", "K", "WBRI"),
        (upn(2), "m", "", "CHNE"),
    ]

    first = await send(council, *rows)
    again = await send(council, *rows)

    assert (first.rows, first.recorded, first.unchanged) == (2, 5, 0)
    assert (again.rows, again.recorded, again.unchanged) == (2, 0, 5)
    child = await first_child(council)
    assert await known(council, child) == [(1, "F"), (2, "K"), (3, "WBRI")]


async def test_a_wrong_row_says_where_and_what_and_refuses_the_file(council: Authority) -> None:
    rows = [("upn", "sex"), (upn(1), "F"), (upn(2), "X"), (upn(77), "M"), ("", "F")]

    found = await send(council, *rows, dry_run=True)

    assert [(one.row, one.column, one.reason) for one in found.errors] == [
        (3, "sex", "BAD_CHARACTERISTIC"),
        (4, "upn", "UNKNOWN_CHILD"),
        (5, "upn", "EMPTY_CELL"),
    ]
    with pytest.raises(RowsRefused):
        await send(council, *rows)
    child = await first_child(council)
    assert await known(council, child) == []


async def test_only_the_childs_school_records_and_reads(council: Authority) -> None:
    child = await first_child(council)

    with pytest.raises(PermissionDenied):
        await record(council, child, (Kind.SEX, "F"), who=ELSEWHERE)
    with pytest.raises(PermissionDenied):
        await send(council, ("upn", "sex"), (upn(1), "F"), who=ELSEWHERE)
    with pytest.raises(PermissionDenied):
        await known(council, child, ELSEWHERE)
    with pytest.raises(ChildNotFound):
        await known(council, child, STRANGER)
    with pytest.raises(CharacteristicInvalid):
        await record(council, child, (Kind.SEX, "F"), supersedes=9)


async def test_the_kinds_are_listed_with_the_codes_of_a_day(council: Authority) -> None:
    request = pb.ListCharacteristicKindsRequest(on_date=on(date(2026, 1, 1)))
    found = await council.call(MANAGER, characteristics(council).ListCharacteristicKinds, request)

    by_column = {one.column: one for one in found.kinds}
    assert [one.code for one in by_column["sen_provision"].codes] == ["N", "K", "E"]
    assert {one.column for one in found.kinds if one.sealed} == {
        rule.column for rule in RULES.values() if rule.sealed
    }
