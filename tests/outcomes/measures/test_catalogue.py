"""What an authority measures: versions that never change, and definitions that cannot be."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from localresponse.outcomes.v1 import measures_service_pb2 as pb
from localresponse.outcomes.v1 import measures_types_pb2 as types

from services.chassis.auth import Principal
from services.chassis.errors import (
    Aborted,
    AlreadyExists,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    ServiceError,
)
from services.outcomes.measures.builtin import DEFINITIONS, Occurrences, value_of
from services.outcomes.measures.catalogue import shipped, storage
from services.outcomes.measures.catalogue.domain.values import MICRO, Formula, Ref, Scale
from services.outcomes.measures.rates import Attendance
from tests.outcomes.authority import MANAGER, PRACTITIONER, STRANGER, Authority, rid

BY_ID = {measure.id: measure for measure in shipped.MEASURES}
HELD: list[storage.Entry] = [*shipped.MEASURES, *shipped.INSTRUMENTS, *shipped.FRAMEWORKS]
COMPUTED = [measure for measure in shipped.MEASURES if measure.formula]
ATTENDANCE = Attendance(possible=100, attended=88, authorised=7, unauthorised=5, late=3)


def scale_measure(**fields: Any) -> types.MeasureDefinition:
    values: dict[str, Any] = {
        "id": "family_strain",
        "name": "Family strain",
        "unit": types.MEASURE_UNIT_SCORE,
        "direction": types.MEASURE_DIRECTION_LOWER,
        "definition": "From 0, none, to 10, unbearable.",
        "owner": "Early help team",
        "informants": [types.INFORMANT_PARENT],
        "scale": types.Scale(low=0, high=10),
    }
    return types.MeasureDefinition(**{**values, **fields})


async def create(authority: Authority, who: Principal = MANAGER, **fields: Any) -> Any:
    request = pb.CreateMeasureRequest(request_id=rid(), measure=scale_measure(**fields))
    return await authority.call(who, authority.measures.CreateMeasure, request)


async def version(authority: Authority, expected: int, **fields: Any) -> Any:
    request = pb.VersionMeasureRequest(
        request_id=rid(), measure=scale_measure(**fields), expected_version=expected
    )
    return await authority.call(MANAGER, authority.measures.VersionMeasure, request)


def test_what_is_shipped_can_be_and_holds_no_other_formula_than_is_computed() -> None:
    for entry in HELD:
        entry.check()

    assert {measure.formula for measure in COMPUTED} == set(Formula) == set(DEFINITIONS)
    assert {one.formula: (one.unit, one.direction) for one in COMPUTED} == DEFINITIONS


def test_what_was_shipped_once_never_changes() -> None:
    digests = {
        entry.id: hashlib.sha256(storage.body_of(entry).encode()).hexdigest()[:8] for entry in HELD
    }

    assert digests == SHIPPED


def test_the_four_domains_hold_measures_that_are_there() -> None:
    (framework,) = shipped.FRAMEWORKS
    names = [domain.id for domain in framework.domains]

    assert names == ["belonging", "timely_support", "inclusion", "holistic_working"]
    assert {ref for domain in framework.domains for ref in domain.measures} == {
        Ref(measure, 1) for measure in BY_ID
    }


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        (Formula.ATTENDANCE_RATE, 0.88),
        (Formula.ABSENCE_RATE, 0.12),
        (Formula.AUTHORISED_ABSENCE_RATE, 0.07),
        (Formula.UNAUTHORISED_ABSENCE_RATE, 0.05),
        (Formula.LATENESS_RATE, 0.03),
        (Formula.PERSISTENT_ABSENCE, 1.0),
        (Formula.SEVERE_ABSENCE, 0.0),
        (Formula.SUSPENSION_SPELLS, 2.0),
        (Formula.SUSPENSION_SESSIONS, 9.0),
        (Formula.SUSPENDED_CHILDREN, 1.0),
        (Formula.PERMANENT_EXCLUSIONS, 0.0),
        (Formula.OFF_ROLL_SESSIONS, 4.0),
    ],
)
def test_a_built_in_measure_is_computed(formula: Formula, value: float) -> None:
    happened = Occurrences(suspension_spells=2, suspension_sessions=9, off_roll_sessions=4)

    assert value_of(BY_ID[formula.value], ATTENDANCE, happened) == pytest.approx(value)


def test_too_few_possible_sessions_give_no_value_and_no_zero() -> None:
    few = Attendance(possible=19, attended=0, authorised=19)

    assert value_of(BY_ID["attendance_rate"], few, Occurrences()) is None
    assert value_of(BY_ID["suspension_spells"], few, Occurrences()) == 0.0


@pytest.mark.parametrize(
    ("value", "held"),
    [(0, True), (MICRO // 2, True), (MICRO // 4, False), (11 * MICRO, False), (-MICRO, False)],
)
def test_a_scale_holds_its_answers_and_no_others(value: int, *, held: bool) -> None:
    assert Scale(0, 10 * MICRO, 1).holds(value) is held


async def test_a_version_is_made_beside_the_one_before(authority: Authority) -> None:
    await create(authority)
    second = await version(authority, 1, definition="From 0, calm, to 10, unbearable.")
    request = pb.GetMeasureRequest(measure_id="family_strain", version=1)
    first = await authority.call(PRACTITIONER, authority.measures.GetMeasure, request)

    assert (second.version, second.created_by) == (2, MANAGER.subject)
    assert first.definition == scale_measure()


async def test_an_authority_may_take_a_shipped_measure_further(council: Authority) -> None:
    made = await version(council, 1, id="timely_support", scale=types.Scale(low=1, high=5))
    request = pb.ListMeasuresRequest(measure_id="timely_support")
    found = await council.call(MANAGER, council.measures.ListMeasures, request)
    elsewhere = await council.call(STRANGER, council.measures.ListMeasures, request)

    assert made.version == 2
    assert [one.shipped for one in found.measures] == [True, False]
    assert [one.version for one in elsewhere.measures] == [1]


async def test_a_catalogue_is_read_in_pages(council: Authority) -> None:
    await create(council)
    token, ids = "", []
    while True:
        request = pb.ListMeasuresRequest(page_size=6, page_token=token)
        page = await council.call(PRACTITIONER, council.measures.ListMeasures, request)
        ids += [one.definition.id for one in page.measures]
        if not (token := page.next_page_token):
            break

    assert ids == sorted([*BY_ID, "family_strain"])


@pytest.mark.parametrize(
    ("fields", "refusal", "field"),
    [
        pytest.param({"informants": []}, InvalidArgument, "measure.informants", id="nobody asked"),
        pytest.param({"scale": None}, InvalidArgument, "measure.scale", id="no scale"),
        pytest.param(
            {"scale": types.Scale(low=3, high=3)}, InvalidArgument, "measure.scale", id="no range"
        ),
        pytest.param(
            {"scale": types.Scale(low=0.25, high=3)},
            InvalidArgument,
            "measure.scale",
            id="an end that is no answer",
        ),
        pytest.param(
            {"minimum_possible_sessions": 20},
            InvalidArgument,
            "measure.minimum_possible_sessions",
            id="sessions of a questionnaire",
        ),
        pytest.param(
            {"formula": types.MEASURE_FORMULA_ABSENCE_RATE},
            InvalidArgument,
            "measure.formula",
            id="computed and asked",
        ),
        pytest.param(
            {"scale": None, "instrument": "swemwbs@1"},
            InvalidArgument,
            "measure.informants",
            id="an informant the instrument is not for",
        ),
        pytest.param(
            {"scale": None, "instrument": "swemwbs@9"},
            NotFound,
            "instrument_id",
            id="no such instrument",
        ),
        pytest.param({"id": "wellbeing"}, AlreadyExists, "measure.id", id="an id that is taken"),
    ],
)
async def test_a_measure_that_cannot_be_is_refused_by_field(
    council: Authority, fields: dict[str, Any], refusal: type[ServiceError], field: str
) -> None:
    with pytest.raises(refusal) as refused:
        await create(council, **fields)

    assert refused.value.field == field


async def test_a_measure_keeps_its_formula_and_its_unit(council: Authority) -> None:
    computed: dict[str, Any] = {"informants": [], "scale": None, "id": "lateness_rate"}
    other = {**computed, "formula": types.MEASURE_FORMULA_ABSENCE_RATE}

    with pytest.raises(InvalidArgument, match="is a ratio, better lower"):
        await version(council, 1, **other)
    with pytest.raises(InvalidArgument, match="another formula is another measure"):
        await version(council, 1, **other, unit=types.MEASURE_UNIT_RATIO)


async def test_two_who_version_at_once_do_not_overwrite(council: Authority) -> None:
    await create(council)
    await version(council, 1)

    with pytest.raises(Aborted, match="newest version is 2, not 1"):
        await version(council, 1)


async def test_only_who_runs_the_programme_edits_the_catalogue(council: Authority) -> None:
    with pytest.raises(PermissionDenied):
        await create(council, PRACTITIONER)


async def test_instruments_and_frameworks_are_versioned_alike(council: Authority) -> None:
    instrument = types.InstrumentDefinition(
        id="local_six",
        name="Six local questions",
        scale=types.Scale(low=0, high=12),
        scoring=types.SCORING_SUM,
        informants=[types.INFORMANT_CHILD],
        licence_note="The council's own.",
        owner="Early help team",
        items=6,
        items_needed=5,
    )
    made = pb.CreateInstrumentRequest(request_id=rid(), instrument=instrument)
    await council.call(MANAGER, council.measures.CreateInstrument, made)
    domain = types.FrameworkDomain(id="calm", name="Calm", measures=["wellbeing@1"])
    framework = types.FrameworkDefinition(
        id="outcomes", name="Ours", owner="Board", domains=[domain]
    )
    request = pb.VersionFrameworkRequest(request_id=rid(), framework=framework, expected_version=1)

    done = await council.call(MANAGER, council.measures.VersionFramework, request)
    newest = pb.GetFrameworkRequest(framework_id="outcomes")
    found = await council.call(PRACTITIONER, council.measures.GetFramework, newest)

    assert (done.version, found) == (2, done)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        pytest.param({"items_needed": 6}, "instrument.items_needed", id="all questions needed"),
        pytest.param(
            {"scoring": types.SCORING_TABLE}, "instrument.items_needed", id="by the owner's table"
        ),
        pytest.param({"scale": types.Scale(low=2, high=1)}, "instrument.scale", id="upside down"),
    ],
)
async def test_an_instrument_that_cannot_be_is_refused(
    council: Authority, fields: dict[str, Any], field: str
) -> None:
    values: dict[str, Any] = {
        "id": "six",
        "name": "Six",
        "scale": types.Scale(low=0, high=12),
        "scoring": types.SCORING_SUM,
        "informants": [types.INFORMANT_CHILD],
        "licence_note": "Ours.",
        "owner": "Us",
        "items": 6,
        "items_needed": 5,
    }
    instrument = types.InstrumentDefinition(**{**values, **fields})
    request = pb.CreateInstrumentRequest(request_id=rid(), instrument=instrument)

    with pytest.raises(InvalidArgument) as refused:
        await council.call(MANAGER, council.measures.CreateInstrument, request)

    assert refused.value.field == field


@pytest.mark.parametrize(
    ("domains", "message"),
    [
        pytest.param([("a", ["nothing@1"])], "there is no measure", id="unknown measure"),
        pytest.param([("a", []), ("a", [])], "stands twice", id="domain twice"),
        pytest.param([("a", ["wellbeing@1"] * 2)], "stands twice in a", id="measure twice"),
    ],
)
async def test_a_framework_that_cannot_be_is_refused(
    council: Authority, domains: list[tuple[str, list[str]]], message: str
) -> None:
    held = [types.FrameworkDomain(id=one, name=one, measures=refs) for one, refs in domains]
    framework = types.FrameworkDefinition(id="own", name="Own", owner="Us", domains=held)
    request = pb.CreateFrameworkRequest(request_id=rid(), framework=framework)

    with pytest.raises(InvalidArgument, match=message):
        await council.call(MANAGER, council.measures.CreateFramework, request)


SHIPPED = {
    "attendance_rate": "7f845cd4",
    "absence_rate": "133fba59",
    "authorised_absence_rate": "5d8ba8c7",
    "unauthorised_absence_rate": "a68f260a",
    "lateness_rate": "af7642aa",
    "persistent_absence": "e242e8eb",
    "severe_absence": "77e7c577",
    "suspension_spells": "c7c9fecc",
    "suspension_sessions": "09f1e4f6",
    "suspended_children": "642e8751",
    "permanent_exclusions": "7789c6fd",
    "off_roll_sessions": "f6894c0f",
    "belonging": "1cf6caa3",
    "wellbeing": "7a6956ae",
    "timely_support": "efb0e3f0",
    "holistic_working": "f66afb31",
    "scale_0_10": "69e096d7",
    "pssm_18": "6fd1fb03",
    "swemwbs": "9f86092f",
    "sdq_total_parent": "dad53034",
    "sdq_total_teacher": "52664485",
    "sdq_total_child": "e81a68f6",
    "sdq_subscale": "c7fa3a2e",
    "outcomes": "1445f3bd",
}
