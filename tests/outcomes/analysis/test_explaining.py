"""From a headline over a real channel down to children, sessions and pence: it all adds up.

What the explanation lists is taken by itself: the marks are counted again, and the estimate is
fitted again from nothing but the windows that it shows.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from localresponse.outcomes.v1 import analysis_service_pb2 as pb
from localresponse.outcomes.v1 import analysis_service_pb2_grpc as rpc

from services.chassis import migrations
from services.chassis.clock import SystemClock
from services.chassis.database.engines import writer_engine
from services.chassis.ids import new_id
from services.chassis.runtime import Running, running
from services.chassis.settings import Settings
from services.chassis.tokens import TokenKeys, TokenMinter
from services.chassis.unit_of_work import Commands
from services.chassis.wire import date_from_proto
from services.outcomes.analysis.method.adjusted import design_of
from services.outcomes.analysis.method.regression import fit
from services.outcomes.analysis.method.sample import Sample
from services.outcomes.app import build
from tests.outcomes import world
from tests.outcomes.analysis.test_run import CHILDREN, DAYS, FUNDED, MANAGER, absences, fund
from tests.support.clock import FakeClock
from tests.support.waiting import until

NUMBERS = {world.child_id(number): number for number in range(1, CHILDREN + 1)}


@dataclass(frozen=True, slots=True)
class Explained:
    """The figures of a run, and every child behind its headline."""

    results: pb.Results
    children: list[Any]

    def counted(self, *, comparison: bool) -> list[Any]:
        """Return the children of the headline."""
        return [c for c in self.children if c.comparison is comparison and not c.left_out]


@pytest.fixture
async def explained(tmp_path: Path) -> AsyncIterator[Explained]:
    settings = Settings(data_dir=tmp_path, operations_port=0, gateway_port=0)
    url = settings.database_url("outcomes")
    migrations.upgrade(url, "services.outcomes")
    engine = writer_engine(url)
    with engine.connect() as connection, connection.begin():
        world.load(connection, absences())
    engine.dispose()
    async with world.opened(url) as database:
        await fund(Commands(database, FakeClock(world.LOADED + timedelta(hours=1))), FUNDED)
    async with (
        running(settings, services=[build]) as process,
        grpc.aio.insecure_channel(process.targets["outcomes"]) as channel,
    ):
        yield await _walked(process, rpc.AnalysisServiceStub(channel))


async def _walked(process: Running, stub: Any) -> Explained:
    minter = TokenMinter(TokenKeys(process.settings.tokens_dir), SystemClock())
    metadata = (("authorization", f"Bearer {minter.mint(MANAGER, ('outcomes',))}"),)
    asked = pb.RunAnalysisRequest(request_id=new_id(), seed=7)
    run = await stub.RunAnalysis(asked, metadata=metadata)

    async def completed() -> bool:
        get = pb.GetAnalysisRunRequest(analysis_run_id=run.id)
        held = await stub.GetAnalysisRun(get, metadata=metadata)
        assert not held.failure
        return bool(held.state == pb.ANALYSIS_RUN_STATE_COMPLETED)

    await until(completed, within_s=60)
    wanted = pb.GetResultsRequest(analysis_run_id=run.id)
    results = await stub.GetResults(wanted, metadata=metadata)
    page = pb.ExplainFigureRequest(
        analysis_run_id=run.id, figure=pb.FIGURE_ADJUSTED_DIFFERENCE, page_size=50
    )
    children: list[Any] = []
    while not children or page.page_token:
        found = await stub.ExplainFigure(page, metadata=metadata)
        children += found.inputs
        page.page_token = found.next_page_token
    return Explained(results, children)


def refitted(counted: list[Any]) -> float:
    """Return the adjusted difference of children, from their windows alone."""
    rates = np.array(
        [[1 - w.absent_sessions / w.possible_sessions for w in c.windows] for c in counted]
    )
    same, none = np.zeros(len(counted), np.int64), np.zeros(len(counted), np.bool_)
    sample = Sample(
        supported=np.array([not child.comparison for child in counted]),
        baseline=rates[:, 0],
        trigger=rates[:, 1],
        follow_up=rates[:, 2],
        follow_up_possible=same,
        persistent_before=none,
        persistent_after=none,
        improved=none,
        phase=same,
        year_group=np.array([9.0 + NUMBERS[child.child_id] % 5 for child in counted]),
        half_term=same,
        school=same,
        cost_minor=same,
    )
    return float(fit(100 * sample.follow_up, design_of(sample)).coefficients[1])


async def test_every_number_of_an_explanation_adds_up_to_its_headline(
    explained: Explained,
) -> None:
    results, children = explained.results, explained.children
    mine, others = explained.counted(comparison=False), explained.counted(comparison=True)
    ours = [child for child in children if not child.comparison]

    assert results.counts.children == len(ours) == FUNDED
    assert (results.counts.measured, results.counts.comparison) == (len(mine), len(others))
    assert results.spend.units == sum(child.cost.units for child in ours) == 100 * FUNDED
    assert results.spend_measured.units == sum(child.cost.units for child in mine)
    for child in ours:
        assert len(child.fund_event_ids) == 4
        assert [share.purchase_id for share in child.shares] == list(child.purchase_ids)
        assert sum(share.cost.units for share in child.shares) == child.cost.units
        assert sum(share.cost_weighted_millionths for share in child.shares) == 1_000_000
    change = [_rate(child.windows[2]) - _rate(child.windows[1]) for child in mine]
    assert results.naive_change.estimate_pp == pytest.approx(100 * np.mean(change), abs=1e-5)
    again = refitted([*mine, *others])
    assert results.adjusted_difference.estimate_pp == pytest.approx(again, abs=1e-5)
    assert results.placebo.label
    assert results.not_yet_funded.label.endswith("whose own support began later")
    _marks_are_those_of_the_register([*mine, *others])


def _rate(window: Any) -> float:
    return float(1 - window.absent_sessions / window.possible_sessions)


def _marks_are_those_of_the_register(counted: list[Any]) -> None:
    place = {day: number for number, day in enumerate(DAYS)}
    for child in counted:
        for window in child.windows:
            first, last = (
                place[date_from_proto(getattr(window, f"{end}_date"), end)]
                for end in ("start", "end")
            )
            marks = absences()[NUMBERS[child.child_id] - 1, 2 * first : 2 * last + 2]
            assert window.possible_sessions == len(marks)
            assert window.absent_sessions == marks.sum()
