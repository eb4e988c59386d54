from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from gateway import charts
from gateway.charts import Row

ROWS = [
    Row("All support", 412_550, 2.4, 0.6, 4.3),
    Row("Mentoring <1>", 61_200),
    Row("Travel", 90_000, -3.0, -6.5, 0.5),
]


def drawn(rows: list[Row] = ROWS) -> str:
    return str(charts.figure(rows, ident="c", title="A finding", description="A description"))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    ("colour", "needed"),
    [
        pytest.param(charts.TEXT, 4.5, id="text"),
        pytest.param(charts.MUTED, 4.5, id="muted text"),
        pytest.param(charts.BAR, 3.0, id="bar"),
        pytest.param(charts.MARK, 3.0, id="mark"),
    ],
)
def test_a_colour_stands_out_from_white_paper(colour: str, needed: float) -> None:
    assert 1.05 / (luminance(colour) + 0.05) >= needed


def test_both_drawings_are_well_formed_named_and_without_style_or_script() -> None:
    drawing = drawn()

    root = ET.fromstring(f"<div>{drawing}</div>")

    assert [svg.get("viewBox", "").split()[2] for svg in root] == ["720", "360"]
    assert drawing.count("A finding") == 2
    assert "style=" not in drawing
    assert "<script" not in drawing
    assert len(set(re.findall(r' id="([^"]+)"', drawing))) == 4


def test_a_label_from_data_is_text_and_never_markup() -> None:
    assert "Mentoring &lt;1&gt;" in drawn()


def test_a_withheld_change_is_said_in_words_and_never_drawn_as_nothing() -> None:
    withheld = drawn([Row("Mentoring", 61_200)])

    assert "not shown" in withheld
    assert "<circle" not in withheld


def test_everything_lies_inside_the_paper() -> None:
    for svg in ET.fromstring(f"<div>{drawn()}</div>"):
        width = float(svg.get("width", "0"))
        for line in svg.iter("line"):
            assert all(0 <= float(line.get(name, "-1")) <= width for name in ("x1", "x2"))


@pytest.mark.parametrize(
    ("span", "parts", "step"),
    [
        pytest.param(10.8, 4, 5.0, id="points"),
        pytest.param(4125.5, 3, 2000.0, id="pounds"),
        pytest.param(1.0, 4, 0.5, id="fractions"),
        pytest.param(3.0, 3, 1.0, id="exact"),
    ],
)
def test_a_step_is_one_two_or_five_times_a_power_of_ten(
    span: float, parts: int, step: float
) -> None:
    assert charts.nice_step(span, parts) == pytest.approx(step)
