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
from services.outcomes.imports.dfe_weekly.replay import LETTERS, laid_out
from tests.support.paths import SHARED_DATA

FILE = SHARED_DATA / "attendance" / "dfe_weekly_vintages.parquet"


@pytest.fixture(scope="module")
def vintages() -> list[Row]:
    return [row for row in read(FILE) if row.level == AUTHORITY]


def last_line(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


def small(path: Path, change: Callable[[dict[str, Any]], None] = lambda _: None) -> Path:
    """Write one authority's special schools of one week, with every publication of them."""
    table = parquet.read_table(FILE)
    chosen = compute.and_(
        compute.and_(
            compute.equal(table["la_name"], "Hartlepool"), compute.equal(table["phase"], "Special")
        ),
        compute.equal(table["time_identifier"], "Week 37"),
    )
    rows = table.filter(chosen).to_pylist()
    change(rows[-1])
    parquet.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    return path


def test_an_authority_is_as_it_was_published_on_every_date(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert dfe_weekly.run(FILE, authority="Rutland", as_json=True) == 0

    done = last_line(capsys)
    assert (done["compared"], done["exact"], done["publications"]) == (256, 256, 19)
    assert done["contradictory"] == 9
    assert done["largest_difference_pp"] < 1e-8


def test_publications_correct_one_another(vintages: list[Row]) -> None:
    seen: dict[tuple[str, str, object], set[object]] = {}
    for row in vintages:
        codes = row.codes()
        if codes is not None:
            seen.setdefault((row.code, row.phase, row.monday), set()).add(codes)

    assert len(seen) > 13_000
    assert sum(len(versions) > 1 for versions in seen.values()) > 5_000


def test_every_row_that_adds_up_can_be_laid_out_as_marks(vintages: list[Row]) -> None:
    whole = [row for row in vintages if row.counts is not None]
    contradictory = [row for row in whole if row.codes() is None]

    assert len(whole) > 60_000
    assert {str(row.published_on) for row in contradictory} == {"2022-09-28"}
    for row in whole[::500]:
        codes, counts = row.codes(), row.counts
        if codes is not None and counts is not None:
            marks = np.bincount(laid_out(codes, counts["possible"] + 7), minlength=len(LETTERS))
            assert marks[:-1].sum() == counts["possible"]
            assert marks[-1] == 7


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
    assert dfe_weekly.run(FILE, authority="Atlantis") == 2
    assert "Atlantis" in capsys.readouterr().err
