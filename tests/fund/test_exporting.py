"""`localresponse export`: what a spreadsheet and a program read, and what neither may compute."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from services.cli.exporting import Wanted, export
from services.fund.domain import csv_cells
from tests.fund.world import TENANT, World


def wanted(name: str, **changes: Any) -> Wanted:
    values = {"authority": TENANT, "source_id": "", "purchase_id": "", "as_json": False}
    return Wanted(name=name, **{**values, **changes})


@pytest.fixture
async def live(fund: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    """Return a fund whose database the settings name."""
    file = tmp_path / "fund.url"
    file.touch(mode=0o600)
    file.write_text(fund.database.url)
    monkeypatch.setenv("LOCALRESPONSE_FUND_DATABASE_URL_FILE", str(file))
    await fund.money("1000")
    await fund.submit("33", supplier_name="=HYPERLINK(1)")
    return fund


async def run(fund: World, what: Wanted) -> int:
    return await fund.database.read(lambda _: export(what))


async def test_csv_has_a_header_and_no_cell_is_a_formula(
    live: World, capsys: pytest.CaptureFixture[str]
) -> None:
    code = await run(live, wanted("aged_requests"))

    header, row = csv.reader(capsys.readouterr().out.splitlines())
    found = dict(zip(header, row, strict=True))
    assert code == 0
    assert found["supplier"] == "'=HYPERLINK(1)"
    assert found["amount"] == "33.00"


async def test_json_is_one_object_a_line(live: World, capsys: pytest.CaptureFixture[str]) -> None:
    await run(live, wanted("funder", as_json=True))

    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {row["state"] for row in rows} == {"unallocated", "returned", "available", "reserved"}


async def test_beancount_is_written_as_it_is(
    live: World, capsys: pytest.CaptureFixture[str]
) -> None:
    await run(live, wanted("beancount"))

    assert capsys.readouterr().out.startswith('option "operating_currency" "GBP"\n')


async def test_what_is_not_there_is_refused_by_name(
    live: World, capsys: pytest.CaptureFixture[str]
) -> None:
    unknown = await run(live, wanted("everything"))
    missing = await run(live, wanted("purchase_audit", purchase_id="x"))

    said = capsys.readouterr().err
    assert (unknown, missing) == (2, 1)
    assert "beancount" in said
    assert "PURCHASE_NOT_FOUND" in said


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        pytest.param("=1+1", "'=1+1", id="formula"),
        pytest.param("@SUM(A1)", "'@SUM(A1)", id="function"),
        pytest.param("-1+2", "'-1+2", id="minus"),
        pytest.param(csv_cells.pounds(-1234), "-12.34", id="an amount below zero"),
        pytest.param("plain", "plain", id="text"),
        pytest.param(None, "", id="nothing"),
    ],
)
def test_a_cell_that_a_spreadsheet_would_compute_is_text(value: object, cell: str) -> None:
    assert csv_cells.cell(value) == cell
