"""The DfE's own figures, replayed as marks and counted from the store, to the last digit."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from services.outcomes.imports import dfe_daily
from services.outcomes.imports.dfe_daily.published import Level, read
from services.outcomes.imports.dfe_daily.replay import dealt
from tests.support.paths import SHARED_DATA

FILE = SHARED_DATA / "attendance" / "dfe_daily_by_code_2024-09-09_to_11.csv"
SMALL = ("Rutland", "City of London", "Isles of Scilly")


def cells() -> tuple[list[str], list[dict[str, str]]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        return list(reader.fieldnames or []), list(reader)


def written(path: Path, names: list[str], rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
    return path


def last_line(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


def run(path: Path, **options: Any) -> int:
    return dfe_daily.run(path, **{"check": True, "as_json": True, **options})


def test_an_authority_equals_what_was_published(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(FILE, authority="rutland") == 0

    done = last_line(capsys)
    assert (done["read"], done["compared"], done["exact"]) == (6, 6, 6)
    assert done["largest_difference_pp"] < 1e-9
    assert done["marks_per_second"] > 0
    assert done["peak_memory_mb"] > 0


def test_a_suppressed_authority_is_read_and_reported(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(FILE, authority="City of London") == 0

    done = last_line(capsys)
    assert done["suppressed"] > 0
    assert done["compared"] + done["suppressed"] == done["read"]


def test_other_days_of_the_same_shape_work_unchanged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names, rows = cells()
    moved = {"2024-09-09": "2025-03-14", "2024-09-10": "2025-03-17", "2024-09-11": "2025-06-02"}
    mine = [row for row in rows if row["la_name"] in SMALL]
    for row in mine:
        row["attendance_date"] = moved[row["attendance_date"]]

    assert run(written(tmp_path / "other.csv", names, mine)) == 0

    done = last_line(capsys)
    assert done["exact"] == done["compared"] > 0


def test_a_figure_that_is_not_ours_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names, rows = cells()
    mine = [row for row in rows if row["la_name"] == "Rutland"]
    mine[0]["illness_perc"] = str(float(mine[0]["illness_perc"]) + 0.01)

    assert run(written(tmp_path / "wrong.csv", names, mine)) == 1

    done = last_line(capsys)
    assert done["exact"] == done["compared"] - 1
    assert done["largest_difference_pp"] == pytest.approx(0.01)
    assert done["differing"][0].startswith("Rutland")


def test_a_region_is_the_sum_of_its_authorities_unless_one_is_suppressed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names, rows = cells()
    (one,) = [
        row
        for row in rows
        if (row["la_name"], row["school_type"], row["attendance_date"])
        == ("Rutland", "Secondary", "2024-09-09")
    ]
    region = {**one, "geographic_level": "Regional", "la_name": "", "new_la_code": ""}
    missing = {**one, "school_type": "Primary", "possible_sessions": "NA"}
    broken = {**region, "school_type": "Primary"}

    assert run(written(tmp_path / "sums.csv", names, [one, region, missing, broken])) == 0

    done = last_line(capsys)
    assert (done["sums_compared"], done["sums_exact"], done["sums_incomplete"]) == (1, 1, 1)


def test_what_is_kept_is_not_recorded_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert run(FILE, authority="Rutland", data=tmp_path) == 0
        assert last_line(capsys)["exact"] == 6


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("a,b\n1,2\n", "has no column", id="another file"),
        pytest.param("", "has no column", id="empty"),
    ],
)
def test_another_file_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, message: str
) -> None:
    path = tmp_path / "other.csv"
    path.write_text(content)

    assert run(path) == 2
    assert message in capsys.readouterr().err


def test_an_unknown_authority_and_a_missing_file_are_said_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(FILE, authority="Atlantis") == 2
    assert run(tmp_path / "nowhere.csv") == 2

    assert "Atlantis" in capsys.readouterr().err


def test_sessions_are_dealt_evenly_and_none_is_lost() -> None:
    for row in read(FILE)[:60]:
        if row.level is not Level.AUTHORITY or row.marks is None:
            continue

        day = dealt(row, sorted(row.marks))

        morning, afternoon = day.sessions
        assert len(morning) + len(afternoon) == sum(row.marks.values())
        assert len(morning) - len(afternoon) in {0, 1}
