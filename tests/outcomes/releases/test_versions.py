from __future__ import annotations

import pytest

from services.outcomes.data_packages.contents import Sheet, Variable, csv_bytes
from services.outcomes.releases.versions import changes, next_version


def sheet(*rows: tuple[object, ...], name: str = "reach", column: str = "children") -> Sheet:
    variables = (Variable("phase", "string", "phase"), Variable(column, "integer", "children"))
    return Sheet(name, name, variables, csv_bytes(("phase", column), rows))


BEFORE = sheet(("primary", 20), ("secondary", 40))


@pytest.mark.parametrize(
    ("now", "version"),
    [
        pytest.param([], "2.0.0", id="a table is gone"),
        pytest.param([sheet(("primary", 20))], "2.0.0", id="figures are gone"),
        pytest.param([sheet(("primary", 20), column="pupils")], "2.0.0", id="a column is gone"),
        pytest.param([BEFORE, sheet(name="change")], "1.5.0", id="a table is new"),
        pytest.param(
            [sheet(("primary", 20), ("secondary", 40), ("special", 10))], "1.5.0", id="figures new"
        ),
        pytest.param([sheet(("primary", 25), ("secondary", 40))], "1.4.4", id="a correction"),
        pytest.param([BEFORE], "1.4.4", id="nothing"),
    ],
)
def test_the_version_says_how_far_the_changes_reach(now: list[Sheet], version: str) -> None:
    assert next_version("1.4.3", changes([BEFORE], now)) == version


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-cmd", "@sum", "\tx"])
def test_a_cell_that_a_spreadsheet_would_run_is_escaped(text: str) -> None:
    assert csv_bytes(("a",), [(text,)]).decode().splitlines()[1].strip('"').startswith("'")


def test_a_negative_number_stays_one() -> None:
    assert csv_bytes(("a",), [("-6.7",)]) == b"a\r\n-6.7\r\n"
