"""Providers' own figures: kept as they came, compared where mapped, and counted where not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from localresponse.outcomes.v1 import measures_types_pb2 as types
from localresponse.outcomes.v1 import observations_service_pb2 as observations_pb
from localresponse.outcomes.v1 import provider_measures_service_pb2 as pb

from services.chassis.auth import Principal
from services.chassis.errors import (
    Aborted,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    ServiceError,
)
from tests.outcomes.authority import (
    ADMINISTRATOR,
    ELSEWHERE,
    MANAGER,
    MONDAY,
    PRACTITIONER,
    Authority,
    on,
    rid,
)
from tests.outcomes.measures.test_observations import answer, record

SUPPORT = {"code": "c1", "measure": "timely_support@1", "informant": types.INFORMANT_CHILD}


def figure(reference: str, child: str, value: str = "80", **fields: Any) -> pb.GivenFigure:
    values: dict[str, Any] = {
        "reference": reference,
        "child_id": child,
        "code": "c1",
        "name": "Confidence",
        "unit": "%",
        "value": value,
        "observed_date": on(MONDAY),
    }
    return pb.GivenFigure(**{**values, **fields})


async def send(
    authority: Authority, *figures: pb.GivenFigure, who: Principal = ADMINISTRATOR
) -> Any:
    request = pb.RecordProviderFiguresRequest(request_id=rid(), provider="charity", figures=figures)
    return await authority.call(who, authority.providers.RecordProviderFigures, request)


async def decide(
    authority: Authority, who: Principal = MANAGER, **fields: Any
) -> pb.MeasureMapping:
    values = {"provider": "charity", "reason": "the same question", **SUPPORT, **fields}
    request = pb.MapProviderMeasureRequest(request_id=rid(), **values)
    done: pb.MeasureMapping = await authority.call(
        who, authority.providers.MapProviderMeasure, request
    )
    return done


async def known(authority: Authority) -> list[Any]:
    request = pb.ListProviderMeasuresRequest()
    found = await authority.call(MANAGER, authority.providers.ListProviderMeasures, request)
    return list(found.provider_measures)


async def figures(authority: Authority, child: str) -> list[Any]:
    request = pb.ListProviderFiguresRequest(child_id=child)
    found = await authority.call(PRACTITIONER, authority.providers.ListProviderFigures, request)
    return list(found.figures)


async def summary(authority: Authority, measure: str = "timely_support", **fields: Any) -> Any:
    values: dict[str, Any] = {
        "first_date": on(MONDAY),
        "last_date": on(date(2024, 9, 20)),
        "informant": types.INFORMANT_CHILD,
    }
    request = observations_pb.GetMeasureSummaryRequest(measure_id=measure, **{**values, **fields})
    return await authority.call(MANAGER, authority.observations.GetMeasureSummary, request)


async def test_what_came_is_kept_as_it_came_and_marked_unmapped(authority: Authority) -> None:
    (child,) = await authority.add_children(1)
    first = await send(authority, figure("r1", child, "80 per cent"))
    again = await send(authority, figure("r1", child, "80 per cent"))
    changed = await send(authority, figure("r1", child, "75"))

    (measure,) = await known(authority)
    (kept,) = await figures(authority, child)

    assert (first.recorded, again.unchanged, changed.changed) == (1, 1, 1)
    assert (measure.name, measure.unit, measure.unmapped, measure.figures) == (
        *("Confidence", "%"),
        True,
        1,
    )
    assert (kept.version, kept.given.value) == (2, "75")


async def test_a_mapping_is_a_dated_decision_and_touches_no_figure(authority: Authority) -> None:
    (child,) = await authority.add_children(1)
    await send(authority, figure("r1", child))
    before = await figures(authority, child)
    authority.clock.advance(minutes=1)

    made = await decide(authority, multiplier=0.1)
    request = pb.ListMeasureMappingsRequest(provider="charity", code="c1")
    authority.clock.advance(minutes=1)
    await decide(authority, measure="", informant=0, expected_version=1, reason="it was not")
    history = await authority.call(MANAGER, authority.providers.ListMeasureMappings, request)

    assert (made.measure, made.decided_by) == ("timely_support@1", MANAGER.subject)
    assert [one.measure for one in history.mappings] == ["timely_support@1", ""]
    assert [one.unmapped for one in await known(authority)] == [True]
    assert await figures(authority, child) == before


async def test_unmapped_figures_are_left_out_of_the_summary_and_counted(
    authority: Authority,
) -> None:
    children = await authority.add_children(12)
    await record(authority, *(answer(each, 4, measure="timely_support") for each in children[:9]))
    await record(authority, answer(children[9], None, measure="timely_support", answer=3))
    await send(authority, figure("r1", children[9]), figure("r2", children[10], "many"))

    before = await summary(authority)
    moment = Timestamp()
    moment.FromDatetime(authority.clock.now())
    authority.clock.advance(minutes=1)
    await decide(authority, multiplier=0.1)
    after, then = await summary(authority), await summary(authority, as_of_time=moment)

    assert (before.measured, before.unmapped, before.HasField("figure")) == (9, 2, False)
    assert [(one.answer, one.children) for one in before.non_answers] == [(3, 1)]
    assert (after.measured, after.mapped, after.unmapped, after.unreadable) == (10, 1, 0, 1)
    assert after.figure == pytest.approx((9 * 4 + 8) / 10)
    assert then == before


async def test_figures_before_the_decisions_first_day_stay_unmapped(council: Authority) -> None:
    children = await council.add_children(2)
    await send(council, figure("r1", children[0]), figure("r2", children[1], "8"))
    await decide(council, first_date=on(date(2024, 9, 10)))

    found = await summary(council)

    assert (found.unmapped, found.mapped) == (2, 0)


@pytest.mark.parametrize(
    ("fields", "refusal", "field"),
    [
        ({"code": "nothing"}, NotFound, "code"),
        ({"measure": "height@1"}, NotFound, "measure"),
        ({"measure": "attendance_rate@1"}, InvalidArgument, "measure"),
        ({"informant": types.INFORMANT_TEACHER}, InvalidArgument, "informant"),
        ({"multiplier": 1e-9}, InvalidArgument, "multiplier"),
        ({"expected_version": 3}, Aborted, "expected_version"),
    ],
)
async def test_a_decision_that_cannot_be_is_refused(
    council: Authority, fields: dict[str, Any], refusal: type[ServiceError], field: str
) -> None:
    (child,) = await council.add_children(1)
    await send(council, figure("r1", child))

    with pytest.raises(refusal) as refused:
        await decide(council, **fields)

    assert refused.value.field == field


async def test_only_who_runs_the_programme_decides(council: Authority) -> None:
    (child,) = await council.add_children(1)
    await send(council, figure("r1", child))

    with pytest.raises(PermissionDenied):
        await decide(council, ADMINISTRATOR)
    with pytest.raises(PermissionDenied):
        await send(council, figure("r2", child), who=ELSEWHERE)


async def test_figures_that_cannot_be_are_refused_by_place(council: Authority) -> None:
    (child,) = await council.add_children(1)
    wrong = [
        ([figure("r1", child), figure("r1", child)], "figures[1].reference"),
        ([figure("r1", rid())], "figures[0].child_id"),
        ([figure("r1", child, observed_date=on(date(2027, 1, 1)))], "figures[0].observed_date"),
    ]
    for given, field in wrong:
        with pytest.raises(ServiceError) as refused:
            await send(council, *given)
        assert refused.value.field == field
    assert await known(council) == []


async def test_a_measure_that_asks_several_is_summed_for_one_of_them(council: Authority) -> None:
    with pytest.raises(InvalidArgument, match="say which"):
        await summary(council, informant=types.INFORMANT_UNSPECIFIED)
    with pytest.raises(InvalidArgument, match="ends before it begins"):
        await summary(council, last_date=on(date(2024, 9, 1)))
