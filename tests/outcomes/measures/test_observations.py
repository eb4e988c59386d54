"""What people answered: non-answers are no zeros, corrections are added, files are all or none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from localresponse.outcomes.v1 import children_service_pb2 as children_pb
from localresponse.outcomes.v1 import measures_types_pb2 as types
from localresponse.outcomes.v1 import observations_service_pb2 as pb
from localresponse.outcomes.v1 import register_service_pb2 as register_pb

from services.chassis.auth import Principal
from services.chassis.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    ServiceError,
)
from services.outcomes.errors.measures import ObservationInvalid
from services.outcomes.measures.catalogue import shipped
from services.outcomes.measures.catalogue.domain.entries import Measure
from services.outcomes.measures.catalogue.domain.values import (
    MICRO,
    Direction,
    Informant,
    Ref,
    Unit,
)
from services.outcomes.measures.observations.domain import (
    Against,
    Answer,
    Given,
    Method,
    scored,
)
from tests.outcomes.authority import (
    ELSEWHERE,
    MANAGER,
    MONDAY,
    PRACTITIONER,
    TENANT,
    Authority,
    on,
    rid,
    table,
    upn,
)

GOVERNANCE = Principal(TENANT, "governance", "information_governance")
CHILD = Informant.CHILD
ERROR = children_pb.ERASURE_REASON_RECORDED_IN_ERROR
INSTRUMENTS = {one.id: one for one in shipped.INSTRUMENTS}
HEADER = ("child", "measure", "date", "informant", "answer", "value")


def against(instrument: str) -> Against:
    measure = Measure(
        id="local",
        version=1,
        name="Local",
        unit=Unit.SCORE,
        direction=Direction.HIGHER,
        definition="A score.",
        owner="Us",
        informants=(CHILD,),
        instrument=Ref(instrument, 1),
    )
    held = INSTRUMENTS[instrument]
    return Against(measure, held, held.scale, MONDAY)


def given(value: float | None, **fields: Any) -> Given:
    values: dict[str, Any] = {
        "child_id": "c",
        "measure": "local",
        "answer": Answer.VALUE,
        "informant": CHILD,
        "method": Method.QUESTIONNAIRE,
        "observed_on": MONDAY,
        "value": None if value is None else round(value * MICRO),
    }
    return Given(**{**values, **fields})


@pytest.mark.parametrize(
    ("instrument", "value", "items", "kept"),
    [
        pytest.param("sdq_subscale", 7, 0, 7, id="all questions"),
        pytest.param("sdq_subscale", 7, 5, 7, id="all of five"),
        pytest.param("sdq_subscale", 5, 4, 6, id="four of five: 6.25 rounds to 6"),
        pytest.param("sdq_subscale", 6, 4, 8, id="four of five: 7.5 rounds up"),
        pytest.param("sdq_subscale", 4, 3, 7, id="three of five: 6.67 rounds to 7"),
        pytest.param("pssm_18", 3.25, 0, 3.25, id="a mean with two decimals"),
    ],
)
def test_a_score_with_gaps_is_prorated_where_the_instrument_says_so(
    instrument: str, value: float, items: int, kept: float
) -> None:
    found = scored(given(value, items_answered=items), against(instrument))

    assert found == round(kept * MICRO)


@pytest.mark.parametrize(
    ("instrument", "answer", "field"),
    [
        pytest.param("swemwbs", given(36), "value", id="above the range"),
        pytest.param("swemwbs", given(0), "value", id="zero where the scale starts at 7"),
        pytest.param("swemwbs", given(20.5), "value", id="finer than the scale"),
        pytest.param("swemwbs", given(None), "value", id="no value and no reason"),
        pytest.param("swemwbs", given(20, items_answered=6), "items_answered", id="not prorated"),
        pytest.param("sdq_subscale", given(2, items_answered=2), "items_answered", id="too few"),
        pytest.param("sdq_subscale", given(2, items_answered=6), "items_answered", id="too many"),
        pytest.param(
            "sdq_subscale", given(8, items_answered=3), "value", id="prorated over the top"
        ),
        pytest.param("swemwbs", given(0, answer=Answer.REFUSED), "value", id="a refusal of zero"),
        pytest.param("swemwbs", given(20, informant=Informant.PARENT), "informant", id="stranger"),
        pytest.param(
            "swemwbs",
            given(20, observed_on=MONDAY + timedelta(days=1)),
            "observed_date",
            id="ahead",
        ),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_by_field(
    instrument: str, answer: Given, field: str
) -> None:
    with pytest.raises(ObservationInvalid) as refused:
        scored(answer, against(instrument))

    assert refused.value.field == f"observation.{field}"


@pytest.mark.parametrize("answer", [Answer.NOT_ASKED, Answer.REFUSED, Answer.NOT_APPLICABLE])
def test_a_non_answer_has_no_value(answer: Answer) -> None:
    assert scored(given(None, answer=answer), against("swemwbs")) is None


def answer(child: str, value: float | None = 21, **fields: Any) -> pb.GivenAnswer:
    values: dict[str, Any] = {
        "child_id": child,
        "measure": "wellbeing",
        "answer": pb.ANSWER_KIND_NOT_ASKED if value is None else pb.ANSWER_KIND_VALUE,
        "value": value,
        "informant": types.INFORMANT_CHILD,
        "method": pb.OBSERVATION_METHOD_QUESTIONNAIRE,
        "observed_date": on(MONDAY),
    }
    return pb.GivenAnswer(**{**values, **fields})


async def children(authority: Authority) -> list[str]:
    request = children_pb.ListChildrenRequest()
    found = await authority.call(MANAGER, authority.children.ListChildren, request)
    return [child.id for child in found.children]


async def record(
    authority: Authority, *answers: pb.GivenAnswer, who: Principal = PRACTITIONER
) -> list[Any]:
    request = pb.BatchRecordObservationsRequest(request_id=rid(), observations=answers)
    done = await authority.call(who, authority.observations.BatchRecordObservations, request)
    return list(done.observations)


async def correct(
    authority: Authority, observation_id: str, who: Principal = PRACTITIONER, **fields: Any
) -> Any:
    request = pb.CorrectObservationRequest(
        request_id=rid(), observation_id=observation_id, reason="misread", **fields
    )
    return await authority.call(who, authority.observations.CorrectObservation, request)


async def listed(authority: Authority, who: Principal = PRACTITIONER, **fields: Any) -> list[Any]:
    request = pb.ListObservationsRequest(**fields)
    found = await authority.call(who, authority.observations.ListObservations, request)
    return list(found.observations)


async def load(
    authority: Authority, *rows: Sequence[object], dry: bool = False, **fields: Any
) -> Any:
    request = pb.ImportObservationsRequest(
        request_id=rid(), csv=table(HEADER, *rows), dry_run=dry, **fields
    )
    return await authority.call(PRACTITIONER, authority.observations.ImportObservations, request)


async def test_a_correction_supersedes_and_the_past_is_still_read(authority: Authority) -> None:
    child = (await children(authority))[0]
    (first,) = await record(authority, answer(child, 21))
    before = Timestamp()
    before.FromDatetime(authority.clock.now())
    authority.clock.advance(minutes=5)

    second = await correct(authority, first.id, observation=answer("", 12))
    now, then = await listed(authority), await listed(authority, as_of_time=before)
    every = await listed(authority, include_superseded=True)

    assert (second.supersedes, second.value, second.measure) == (first.id, 12, "wellbeing@1")
    assert ([one.value for one in now], [one.value for one in then]) == ([12], [21])
    assert [one.id for one in every] == [first.id, second.id]


async def test_what_was_recorded_in_error_counts_nowhere_and_stays(authority: Authority) -> None:
    child = (await children(authority))[0]
    (first,) = await record(authority, answer(child))

    gone = await correct(authority, first.id, recorded_in_error=True, who=GOVERNANCE)
    again = await record(authority, answer(child, 30))

    assert gone.answer == pb.ANSWER_KIND_WITHDRAWN
    assert not gone.HasField("value")
    assert [one.id for one in await listed(authority)] == [again[0].id]


async def test_only_the_newest_correction_can_be_corrected(council: Authority) -> None:
    child = (await children(council))[0]
    (first,) = await record(council, answer(child))
    await correct(council, first.id, observation=answer("", 12))

    with pytest.raises(FailedPrecondition, match="correct that one"):
        await correct(council, first.id, observation=answer("", 13))


async def test_a_refusal_is_kept_without_a_value(council: Authority) -> None:
    child = (await children(council))[0]
    (kept,) = await record(council, answer(child, None, answer=pb.ANSWER_KIND_REFUSED))

    assert kept.answer == pb.ANSWER_KIND_REFUSED
    assert not kept.HasField("value")


async def test_a_child_has_one_answer_of_a_day_from_each_informant(council: Authority) -> None:
    child = (await children(council))[0]
    support: dict[str, Any] = {"measure": "timely_support", "value": 3}
    await record(council, answer(child, **support))
    await record(council, answer(child, **support, informant=types.INFORMANT_PARENT))

    with pytest.raises(AlreadyExists, match="correct that one"):
        await record(council, answer(child, measure="timely_support@1", value=9))


async def test_a_batch_with_one_wrong_answer_keeps_none(council: Authority) -> None:
    one, two, _ = await children(council)

    with pytest.raises(InvalidArgument) as refused:
        await record(council, answer(one), answer(two, 99))

    assert refused.value.field == "observations[1].value"
    assert await listed(council) == []


@pytest.mark.parametrize(
    ("fields", "refusal", "field"),
    [
        ({"child_id": rid()}, NotFound, "child_id"),
        ({"measure": "height"}, NotFound, "measure"),
        ({"measure": "attendance_rate"}, InvalidArgument, "measure"),
        ({"value": 1e-9}, InvalidArgument, "value"),
    ],
)
async def test_what_cannot_be_recorded_is_refused_by_field(
    council: Authority, fields: dict[str, Any], refusal: type[ServiceError], field: str
) -> None:
    child = (await children(council))[0]
    request = pb.RecordObservationRequest(
        request_id=rid(), observation=answer(**{"child": child, "value": 20, **fields})
    )

    with pytest.raises(refusal) as refused:
        await council.call(PRACTITIONER, council.observations.RecordObservation, request)

    assert refused.value.field == f"observation.{field}"


async def test_another_schools_children_are_neither_written_nor_read(authority: Authority) -> None:
    child = (await children(authority))[0]
    (kept,) = await record(authority, answer(child))

    with pytest.raises(PermissionDenied):
        await record(authority, answer(child, observed_date=on(date(2024, 9, 6))), who=ELSEWHERE)
    with pytest.raises(PermissionDenied):
        await correct(authority, kept.id, who=ELSEWHERE, recorded_in_error=True)
    assert await listed(authority, ELSEWHERE) == []


async def test_a_file_is_taken_once(authority: Authority) -> None:
    rows = [
        (upn(1), "wellbeing", "2024-09-09", "child", "value", 21),
        (upn(2), "wellbeing@1", "09/09/2024", "Child", "Not asked", ""),
        (upn(3), "timely_support", "2024-09-09", "parent", "", 10),
    ]
    first = await load(authority, *rows)
    again = await load(authority, *rows)
    kept = await listed(authority)

    assert (first.rows, first.recorded, again.recorded, again.unchanged) == (3, 3, 0, 3)
    assert [one.HasField("value") for one in kept] == [True, False, True]
    assert {one.source for one in kept} != {"rpc"}


async def test_a_file_with_wrong_rows_is_refused_whole(council: Authority) -> None:
    child = (await children(council))[0]
    wrong = [
        (child, "wellbeing", "2024-09-09", "child", "value", 99),
        (child, "height", "2024-09-09", "child", "value", 9),
        (child, "wellbeing", "2024-09-09", "parent", "value", 9),
        (child, "wellbeing", "2024-09-08", "child", "value", 20),
        (child, "wellbeing", "2024-09-08", "child", "value", 20),
        (child, "wellbeing", "2024-09-07", "child", "refused", 20),
        (rid(), "wellbeing", "2024-09-09", "child", "value", 20),
        (child, "wellbeing", "next week", "child", "value", "=1+1"),
    ]
    scheme = register_pb.IDENTIFIER_SCHEME_CHILD

    dry = await load(council, *wrong, dry=True, identifier=scheme)
    with pytest.raises(InvalidArgument, match="7 rows are wrong and nothing was kept"):
        await load(council, *wrong, identifier=scheme)

    assert [(one.row, one.reason) for one in dry.errors] == [
        (2, "BAD_VALUE"),
        (3, "UNKNOWN_MEASURE"),
        (4, "BAD_INFORMANT"),
        (6, "DUPLICATE_ROW"),
        (7, "BAD_VALUE"),
        (8, "UNKNOWN_CHILD"),
        (9, "FORMULA_CELL"),
    ]


async def test_a_file_that_answers_otherwise_is_refused(council: Authority) -> None:
    row = (upn(1), "wellbeing", "2024-09-09", "child", "value")
    await load(council, (*row, 21))

    dry = await load(council, (*row, 22), dry=True)

    assert [one.reason for one in dry.errors] == ["ALREADY_OBSERVED"]


async def test_an_erased_child_has_no_observations(council: Authority) -> None:
    child = (await children(council))[0]
    await record(council, answer(child))
    request = children_pb.EraseChildRequest(request_id=rid(), child_id=child, reason=ERROR)

    await council.call(GOVERNANCE, council.children.EraseChild, request)

    assert await listed(council) == []
    with pytest.raises(NotFound):
        await record(council, answer(child, observed_date=on(date(2024, 9, 6))))
