from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import frictionless
import numpy as np
import pyarrow.parquet as pq
import pytest
from localresponse.outcomes.v1 import feeds_service_pb2 as feeds_pb
from localresponse.outcomes.v1 import releases_service_pb2 as pb

from services.chassis.errors import FailedPrecondition, NotFound, PermissionDenied
from services.cli import verifying
from services.outcomes.analysis.cohort import cohort_of
from services.outcomes.analysis.rule import CohortRule
from services.outcomes.data_packages.contents import Notes, Role, Sheet, Variable, csv_bytes
from services.outcomes.data_packages.zipping import package
from services.outcomes.disclosure.control import control, recovered
from services.outcomes.disclosure.published import attack
from services.outcomes.disclosure.rules import Rules
from services.outcomes.disclosure.tables import with_totals
from services.outcomes.releases.estimates import counted
from services.outcomes.releases.tables import Known, tables
from tests.outcomes import world
from tests.outcomes.authority import rid
from tests.outcomes.feeds.house import House, opened
from tests.outcomes.releases.house import (
    EVALUATOR,
    GOVERNANCE,
    LOADED,
    MANAGER,
    absences,
    analysed,
    drafted,
    file,
    fund,
    published,
)
from tests.support.clock import FakeClock
from tests.support.databases import SQLITE, Databases, Prepare


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(LOADED)


def prepare(url: str) -> None:
    world.prepare(url, absences())


@pytest.fixture
async def house(
    prepared_database_url: Callable[[str, Prepare], str], clock: FakeClock
) -> AsyncIterator[House]:
    async with opened(prepared_database_url("releases", prepare), clock) as found:
        await fund(found, 0, 40)
        await analysed(found)
        yield found


@pytest.fixture
async def small(databases: Databases, clock: FakeClock) -> AsyncIterator[House]:
    async with opened(databases.prepared(SQLITE, "releases", prepare), clock) as found:
        await fund(found, 0, 40)
        await analysed(found)
        yield found


async def test_a_release_is_drafted_by_one_and_published_by_another(house: House) -> None:
    draft = await drafted(house)
    with pytest.raises(NotFound):
        await file(house, draft.id)
    with pytest.raises(PermissionDenied):
        await published(house, draft.id, MANAGER)

    release = await published(house, draft.id)

    assert (release.data_version, release.state) == ("1.0.0", pb.RELEASE_STATE_PUBLISHED)
    assert {table.name for table in release.tables} >= {"reach", "change_by_phase", "estimates"}
    assert b"E06000050,Total,Total,40,8490.00" in await file(house, draft.id, "reach")


async def test_the_same_release_asked_twice_is_the_same_bytes(small: House) -> None:
    release = await published(small, (await drafted(small)).id)

    first, second = (await file(small, release.id), await file(small, release.id))

    assert first == second
    described = json.loads(zipfile.ZipFile(io.BytesIO(first)).read("datapackage.json"))
    stated = {each["name"]: each["hash"] for each in described["resources"]}
    assert stated == {table.name: f"sha256:{table.sha256}" for table in release.tables}


async def test_the_package_is_valid_for_frictionless(small: House, tmp_path: Path) -> None:
    release = await published(small, (await drafted(small)).id)
    with zipfile.ZipFile(io.BytesIO(await file(small, release.id))) as archive:
        archive.extractall(tmp_path)

    report = frictionless.validate(str(tmp_path / "datapackage.json"))

    assert report.valid, report.flatten(["rowNumber", "fieldName", "type", "note"])


async def test_a_release_with_one_child_more_is_refused(house: House) -> None:
    await published(house, (await drafted(house)).id)
    await fund(house, 40, 41)
    await analysed(house)

    with pytest.raises(FailedPrecondition, match="fewer than 10 children") as refusal:
        await drafted(house)

    assert refusal.value.reason == "RELEASE_DIFFERENCED"
    assert refusal.value.metadata["cell"].startswith("reach: ")


async def test_two_drafts_that_can_be_subtracted_are_not_both_published(small: House) -> None:
    first = await drafted(small, "One")
    await fund(small, 40, 43)
    await analysed(small)
    second = await drafted(small, "Two")
    await published(small, first.id)

    with pytest.raises(FailedPrecondition, match="subtracted"):
        await published(small, second.id)


async def test_a_release_of_a_child_whom_no_feed_ever_told_of_is_refused(small: House) -> None:
    await small.agree("alma")
    await small.erase(next(iter(await _shared(small))))

    with pytest.raises(FailedPrecondition, match="child-level feeds"):
        await drafted(small)


async def test_no_cell_is_under_the_threshold_and_none_is_recovered(small: House) -> None:
    cohort = await small.database.read(
        lambda connection: cohort_of(
            connection, world.TENANT, CohortRule(), as_of=small.clock.now(), seed=7
        )
    )
    ids = [row.child_id for row in cohort.panel.rows] if cohort.panel else []
    numbers = {child_id: number for number, child_id in enumerate(ids)}

    safe = control(tables(cohort, Known(numbers, {}), Rules()), Rules())

    shown = [with_totals(each.table.counts)[~each.hidden].min(initial=99) for each in safe]
    assert np.min(shown) > Rules().threshold
    assert recovered(safe, Rules()) == []
    assert sum(int(each.hidden.sum()) for each in safe) > 0


async def test_a_published_package_withstands_the_attack_of_who_has_nothing_else(
    small: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    release = await published(small, (await drafted(small)).id)
    package, broken = tmp_path / "release.zip", tmp_path / "other.zip"
    package.write_bytes(await file(small, release.id))
    broken.write_bytes(b"PK")

    assert (verifying.release(package), verifying.release(broken)) == (0, 2)

    said = capsys.readouterr().out
    assert "least 10, 0 under the threshold" in said
    assert said.endswith(" 0 recovered\n")
    assert " 0 suppressed" not in said


def test_a_package_without_further_suppression_is_worked_out() -> None:
    variables = (
        Variable("phase", "string", "phase", Role.DIMENSION),
        counted("children", "children", Rules()),
    )
    rows = [("primary", "c"), ("secondary", 40), ("Total", 45)]
    sheet = Sheet("t", "t", variables, csv_bytes(("phase", "children"), rows), "supported")

    verdict = attack(package(Notes("t", "t", "1.0.0", licence="", method=""), [sheet]))

    assert (verdict.ok, len(verdict.recovered)) == (False, 1)
    assert verdict.recovered[0].startswith("t: primary: children")


async def test_the_same_figures_again_are_the_next_version_without_a_change(small: House) -> None:
    await published(small, (await drafted(small)).id)
    await analysed(small)

    second = await published(small, (await drafted(small)).id)

    assert (second.data_version, list(second.changes)) == ("1.0.1", [])


async def test_a_withdrawn_release_stays_listed_with_its_reason(small: House) -> None:
    release = await published(small, (await drafted(small)).id)
    request = pb.WithdrawReleaseRequest(
        request_id=rid(), release_id=release.id, reason="a register was wrong"
    )
    await small.call(GOVERNANCE, small.sharing.releases.WithdrawRelease, request)

    listed = await small.call(
        EVALUATOR, small.sharing.releases.ListReleases, pb.ListReleasesRequest()
    )

    assert [each.withdraw_reason for each in listed.releases] == ["a register was wrong"]
    with pytest.raises(FailedPrecondition, match="withdrawn"):
        await file(small, release.id)


async def test_released_aggregates_stay_when_a_child_is_erased(small: House) -> None:
    feed = await small.agree("alma")
    await small.sharing.work.collect_now(world.TENANT)
    await small.sequence()
    release = await published(small, (await drafted(small)).id)
    before = await file(small, release.id)

    child = next(iter(await _shared(small)))
    await small.erase(child)
    await small.sequence()

    items = await small.items(EVALUATOR, feed)
    assert items[-1].op == feeds_pb.FEED_OP_RETRACT
    assert await file(small, release.id) == before
    assert await small.sharing.work.collect_now(world.TENANT) == 0


async def _shared(house: House) -> set[str]:
    cohort = await house.database.read(
        lambda connection: cohort_of(
            connection, world.TENANT, CohortRule(), as_of=house.clock.now(), seed=7
        )
    )
    return {row.child_id for row in cohort.panel.rows if row.supported} if cohort.panel else set()


async def test_the_forms_of_a_feed_agree_and_its_package_is_valid(
    small: House, tmp_path: Path
) -> None:
    feed = await small.agree("alma")
    await small.sharing.work.collect_now(world.TENANT)
    await small.sequence()
    forms = (feeds_pb.FILE_FORMAT_NDJSON, feeds_pb.FILE_FORMAT_CSV, feeds_pb.FILE_FORMAT_PARQUET)
    lines, text, parquet = [await small.download(EVALUATOR, feed, form) for form in forms]

    items = [json.loads(line) for line in lines.decode().splitlines()]
    rows = list(csv.DictReader(io.StringIO(text.decode())))
    columns = pq.read_table(io.BytesIO(parquet)).to_pylist()

    assert len(items) == 120
    assert columns == [{name: item[name] for name in columns[0]} for item in items]
    stated = [{name: "" if v is None else str(v) for name, v in row.items()} for row in columns]
    assert [{**row, "value": float(row["value"])} for row in rows] == [
        {**row, "value": float(row["value"])} for row in stated
    ]
    whole = await small.download(EVALUATOR, feed, feeds_pb.FILE_FORMAT_PACKAGE)
    zipfile.ZipFile(io.BytesIO(whole)).extractall(tmp_path)
    assert frictionless.validate(str(tmp_path / "datapackage.json")).valid
