"""An authority beside its neighbours: a step is found, and what cannot be measured says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from google.type.date_pb2 import Date
from localresponse.outcomes.v1 import schools_service_pb2 as schools_pb
from localresponse.outcomes.v1 import series_service_pb2 as pb

from services.chassis.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
)
from services.chassis.ids import new_id
from services.outcomes.errors.analyses import SeriesNeighboursTooFew, SeriesTooShort
from services.outcomes.reference.authorities import comparable
from services.outcomes.reference.calendars import HalfTerm
from services.outcomes.reference.domain import Phase
from services.outcomes.series.domain import Rule, Week, figures_of
from tests.outcomes.authority import ADMINISTRATOR, MANAGER, PRACTITIONER, TENANT, Authority

NEIGHBOURS = comparable(TENANT)[:4]
FIRST, START = date(2024, 9, 2), date(2025, 1, 6)
TERMS = [
    HalfTerm(2024, number, FIRST + timedelta(weeks=7 * number - 7), FIRST + timedelta(days=last), 0)
    for number, last in enumerate((46, 95, 144, 193, 242, 300), start=1)
]
RULE = Rule(name="Fund", phase=Phase.SECONDARY, start=START)


def published(*, gain_pp: float = 0.0, weeks: int = 36) -> list[Week]:
    """Return weeks with a season that all share and a gain of the authority from the start on."""
    random, found = np.random.default_rng(3), []
    for place in range(weeks):
        monday = FIRST + timedelta(weeks=place)
        season = 8 + 2 * np.sin(place / 5)
        for code in (TENANT, *NEIGHBOURS):
            gain = gain_pp if code == TENANT and monday >= START else 0.0
            rate = season - gain + random.normal(0, 0.2)
            absent = round(rate * 10_000)
            week = Week(
                authority=code,
                phase=Phase.SECONDARY,
                monday=monday,
                published_on=monday + timedelta(days=10),
                possible=1_000_000,
                absent=absent,
            )
            found.append(week)
    return found


def test_a_gain_of_the_authority_alone_is_found_and_a_season_is_not() -> None:
    asked: dict[str, Any] = {
        "authority": TENANT,
        "neighbours": NEIGHBOURS,
        "half_terms": TERMS,
    }

    moved = figures_of(published(gain_pp=2.0), RULE, **asked)
    still = figures_of(published(), RULE, **asked)

    assert moved.step.lower_pp < 2.0 < moved.step.upper_pp
    assert moved.step.distinguishable
    assert still.step.lower_pp < 0 < still.step.upper_pp
    assert moved.inputs_sha256 != still.inputs_sha256


@pytest.mark.parametrize(
    ("rule", "neighbours", "refusal"),
    [
        pytest.param(replace(RULE, start=FIRST), NEIGHBOURS[:1], SeriesTooShort, id="no before"),
        pytest.param(
            replace(RULE, last=START + timedelta(weeks=6)), NEIGHBOURS, SeriesTooShort, id="7 after"
        ),
        pytest.param(RULE, NEIGHBOURS[:2], SeriesNeighboursTooFew, id="two neighbours"),
    ],
)
def test_what_cannot_be_measured_says_why(
    rule: Rule, neighbours: list[str], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal, match=r"\d"):
        figures_of(published(), rule, authority=TENANT, neighbours=neighbours, half_terms=TERMS)


def test_the_mean_is_of_the_same_neighbours_in_every_week() -> None:
    seldom, once = NEIGHBOURS[:2]
    weeks = [
        week
        for place, week in enumerate(published())
        if not (week.authority == seldom and place % 2)
        and (week.authority, week.monday) != (once, START)
    ]

    found = figures_of(weeks, RULE, authority=TENANT, neighbours=NEIGHBOURS, half_terms=TERMS)

    assert found.neighbours == tuple(NEIGHBOURS[1:])
    assert START not in {point.week.monday for point in found.points}
    assert len(found.points) == 35


def day(on: date) -> Date:
    return Date(year=on.year, month=on.month, day=on.day)


def week_out(week: Week, **changes: Any) -> pb.PublishedWeek:
    held = pb.PublishedWeek(
        authority=week.authority,
        phase=schools_pb.PHASE_SECONDARY,
        monday=day(week.monday),
        publish_date=day(week.published_on),
        possible_sessions=week.possible,
        absent_sessions=week.absent,
    )
    held.MergeFrom(pb.PublishedWeek(**changes))
    return held


def record(*weeks: pb.PublishedWeek) -> pb.RecordPublishedWeeksRequest:
    return pb.RecordPublishedWeeksRequest(request_id=new_id(), source="DfE", weeks=weeks)


def ask(**changes: Any) -> pb.RunSeriesAnalysisRequest:
    rule = {"phase": schools_pb.PHASE_SECONDARY, "start_date": day(START), **changes}
    return pb.RunSeriesAnalysisRequest(request_id=new_id(), rule=pb.SeriesRule(**rule))


@pytest.fixture
def series(authority: Authority) -> Any:
    return authority.served("SeriesService")


async def test_what_was_recorded_before_is_left_as_it_is(authority: Authority, series: Any) -> None:
    weeks = [week_out(week) for week in published(weeks=2)]

    first, second = [
        await authority.call(ADMINISTRATOR, series.RecordPublishedWeeks, record(*weeks))
        for _ in range(2)
    ]

    assert (first.added, first.unchanged) == (len(weeks), 0)
    assert (second.added, second.unchanged) == (0, len(weeks))


async def test_an_analysis_is_kept_explained_and_the_same_when_made_again(
    authority: Authority, series: Any
) -> None:
    weeks = published(gain_pp=2.0)
    for term in TERMS:
        await authority.set_calendar((term.first, term.last, schools_pb.DAY_KIND_OPEN))
    sent = record(*map(week_out, weeks))
    await authority.call(ADMINISTRATOR, series.RecordPublishedWeeks, sent)

    first = await authority.call(MANAGER, series.RunSeriesAnalysis, ask())
    authority.clock.advance(days=30)
    later = replace(weeks[0], published_on=weeks[0].published_on + timedelta(days=30), absent=5)
    await authority.call(ADMINISTRATOR, series.RecordPublishedWeeks, record(week_out(later)))
    request = ask()
    request.as_of_time.CopyFrom(first.as_of_time)
    second = await authority.call(MANAGER, series.RunSeriesAnalysis, request)
    get = pb.GetSeriesAnalysisRequest(series_analysis_id=first.id)
    held = await authority.call(MANAGER, series.GetSeriesAnalysis, get)
    listed = await authority.call(
        MANAGER, series.ListSeriesAnalyses, pb.ListSeriesAnalysesRequest(page_size=1)
    )

    assert held == first
    assert second.results_sha256 == first.results_sha256
    assert len(held.weeks) == held.weeks_before + held.weeks_after == 36
    assert list(held.neighbours) == NEIGHBOURS
    assert [one.id for one in listed.series_analyses] == [second.id]


async def test_refusals_of_the_wire(authority: Authority, series: Any) -> None:
    week = published()[0]
    await authority.call(ADMINISTRATOR, series.RecordPublishedWeeks, record(week_out(week)))

    differs = record(week_out(week, absent_sessions=1))
    wrong = record(week_out(week, absent_sessions=week.possible + 1))
    tuesday = ask(start_date=day(START + timedelta(days=1)))
    missing = pb.GetSeriesAnalysisRequest(series_analysis_id="another")

    with pytest.raises(AlreadyExists, match="recorded otherwise"):
        await authority.call(ADMINISTRATOR, series.RecordPublishedWeeks, differs)
    with pytest.raises(InvalidArgument, match="more than the possible"):
        await authority.call(ADMINISTRATOR, series.RecordPublishedWeeks, wrong)
    with pytest.raises(InvalidArgument, match="not a Monday"):
        await authority.call(MANAGER, series.RunSeriesAnalysis, tuesday)
    with pytest.raises(FailedPrecondition, match="8 weeks"):
        await authority.call(MANAGER, series.RunSeriesAnalysis, ask())
    with pytest.raises(PermissionDenied):
        await authority.call(PRACTITIONER, series.RunSeriesAnalysis, ask())
    with pytest.raises(NotFound):
        await authority.call(MANAGER, series.GetSeriesAnalysis, missing)
