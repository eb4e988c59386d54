"""Figures as first published and as later corrected: each date's register says what it said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import compute, parquet

from services.outcomes.imports import dfe_weekly
from services.outcomes.imports.dfe_weekly.published import AUTHORITY, Row, read
from services.outcomes.imports.dfe_weekly.replay import LETTERS, settled
from tests.support.paths import SHARED_DATA

FILE = SHARED_DATA / "attendance" / "dfe_weekly_vintages.parquet"


@pytest.fixture(scope="module")
def vintages() -> list[Row]:
    return [row for row in read(FILE) if row.level == AUTHORITY]


def last_line(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


def chosen(path: Path, **values: str) -> Path:
    """Write the rows whose columns have these values, with every publication of them."""
    table = parquet.read_table(FILE)
    for name, value in values.items():
        table = table.filter(compute.equal(table[name], value))
    parquet.write_table(table, path)
    return path


def small(path: Path, change: Callable[[dict[str, Any]], None] = lambda _: None) -> Path:
    """Write one authority's special schools of one week, the last row of them changed."""
    chosen(path, la_name="Hartlepool", phase="Special", time_identifier="Week 37")
    table = parquet.read_table(path)
    rows = table.to_pylist()
    change(rows[-1])
    parquet.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    return path


def test_an_authority_is_as_it_was_published_on_every_date(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = chosen(tmp_path / "rutland.parquet", la_name="Rutland")

    assert dfe_weekly.run(path, check=True, authority="rutland", as_json=True) == 0

    done = last_line(capsys)
    assert (done["compared"], done["exact"], done["publications"]) == (256, 256, 19)
    assert done["largest_difference_pp"] < 1e-8


def test_what_no_register_could_give_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = chosen(tmp_path / "first.parquet", la_name="Rutland", published_on="2022-09-28")

    assert dfe_weekly.run(path, check=False) == 0

    said = capsys.readouterr().out
    assert "9 rows published on 2022-09-28" in said
    assert '"weeks": ["2021-01-04", "2021-01-11", "2021-01-18"]' in said


def test_a_region_is_the_sum_of_its_authorities(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = {"region_name": "North East", "phase": "Special", "time_identifier": "Week 45"}

    assert dfe_weekly.run(chosen(tmp_path / "region.parquet", **where), as_json=True) == 0

    done = last_line(capsys)
    assert done["authorities"] == 12
    assert done["exact"] == done["compared"] > 100
    assert done["sums_exact"] == done["sums_compared"] > 5


def test_publications_correct_one_another(vintages: list[Row]) -> None:
    seen: dict[tuple[str, str, object], set[object]] = {}
    for row in vintages:
        codes = row.codes()
        if codes is not None:
            seen.setdefault((row.code, row.phase, row.monday), set()).add(codes)

    assert len(seen) > 13_000
    assert sum(len(versions) > 1 for versions in seen.values()) > 5_000


def test_every_row_that_adds_up_can_be_laid_out_as_marks(vintages: list[Row]) -> None:
    before = np.zeros(0, np.uint8)
    for row in vintages[::500]:
        codes, counts = row.codes(), row.counts
        if codes is not None and counts is not None:
            before = settled(before[: counts["possible"] + 7], codes)
            marks = np.bincount(before, minlength=len(LETTERS))
            assert marks[:-1].sum() == counts["possible"]
            assert list(marks[2:-1]) == [count for _, count in codes[1:]]


def test_the_first_publication_contradicts_itself_in_every_row(vintages: list[Row]) -> None:
    """Its weeks are of January 2021, all three alike, with thousands of millions of sessions."""
    found = [row for row in vintages if row.contradiction() is not None]
    alike: dict[tuple[str, str], set[tuple[int, ...]]] = {}
    for row in found:
        assert row.counts is not None
        alike.setdefault((row.code, row.phase), set()).add(
            (row.counts["attended"], row.counts["absent"], row.counts["possible"])
        )

    assert {str(row.published_on) for row in found} == {"2022-09-28"}
    assert all(str(row.published_on) != "2022-09-28" for row in vintages if row.codes())
    assert (len(found), len(alike)) == (1365, 455)
    assert all(len(each) == 1 for each in alike.values())
    assert sum(possible for each in alike.values() for *_, possible in each) > 10_000_000_000


def test_a_correction_changes_no_more_sessions_than_it_must() -> None:
    first = (("", 30), ("L", 4), ("B", 0), ("I", 6), ("E", 0), ("C2", 0), ("C", 0), ("O", 10))
    later = (("", 31), ("L", 4), ("B", 0), ("I", 9), ("E", 0), ("C2", 0), ("C", 1), ("O", 4))
    before = settled(np.zeros(0, np.uint8), first)

    after = settled(before, later)

    assert len(after) == len(before)
    assert np.count_nonzero(after != before) == 6
    assert np.bincount(after, minlength=10)[-1] == 1


def test_a_figure_that_the_register_cannot_give_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def change(cells: dict[str, Any]) -> None:
        cells["overall_absence_perc"] += 0.001

    assert dfe_weekly.run(small(tmp_path / "wrong.parquet", change), as_json=True) == 1

    done = last_line(capsys)
    assert done["exact"] == done["compared"] - 1
    assert done["differing"][0].startswith("Hartlepool")


def test_a_later_publication_with_fewer_sessions_does_not_change_the_earlier(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def change(cells: dict[str, Any]) -> None:
        for name in ("present_sessions", "overall_attendance", "possible_sessions"):
            cells[name] -= 200
        for name in [name for name in cells if name.endswith("_perc")]:
            cells[name] = None

    assert dfe_weekly.run(small(tmp_path / "fewer.parquet", change), as_json=True) == 0
    assert last_line(capsys)["publications"] > 5


def test_another_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "other.parquet"
    parquet.write_table(pa.table({"a": [1]}), path)

    assert dfe_weekly.run(path) == 2
    assert dfe_weekly.run(small(path), authority="Atlantis") == 2
    assert "Atlantis" in capsys.readouterr().err
