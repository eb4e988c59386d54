from __future__ import annotations

from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, generate_latest

from services.outcomes.analysis.gauges import Cell, OutcomeGauges
from services.outcomes.analysis.method.adjusted import Estimate, Withheld

NOW = datetime(2026, 7, 20, tzinfo=UTC)
AUTHORITY = "E06000050"


def shown(cell: Cell) -> str:
    registry = CollectorRegistry()
    OutcomeGauges(registry).replace(AUTHORITY, {("2025/26", "travel"): cell}, at=NOW)
    return generate_latest(registry).decode()


def estimate(children: int, withheld: Withheld = Withheld.NO) -> Estimate:
    given = withheld is Withheld.NO
    return Estimate(
        children=children,
        comparison=50,
        label="",
        withheld=withheld,
        estimate_pp=4.26 if given else None,
        lower_pp=1.04 if given else None,
        upper_pp=7.5 if given else None,
    )


def test_a_group_of_ten_or_more_is_shown_rounded() -> None:
    cell = Cell(adjusted=estimate(12), naive=estimate(12), extra_sessions=31.7, spend_minor=123_456)

    text = shown(cell)

    labels = f'{{academic_year="2025/26",authority="{AUTHORITY}",category="travel"}}'
    for name, value in {
        "attendance_change_ratio": 0.043,
        "attendance_change_lower_ratio": 0.01,
        "attendance_change_upper_ratio": 0.075,
        "outcome_extra_sessions": 30.0,
        "outcome_measured_spend_gbp": 1230.0,
        "outcome_measured_children": 10.0,
    }.items():
        assert f"lrf_{name}{labels} {value}" in text


def test_a_withheld_value_is_absent_and_never_zero() -> None:
    few = estimate(9, Withheld.TOO_FEW_CHILDREN)
    cell = Cell(adjusted=few, naive=few, extra_sessions=None, spend_minor=90_000)

    text = shown(cell)

    assert "change" not in text
    assert "spend" not in text
    assert f'suppressed_cells{{authority="{AUTHORITY}"}} 1.0' in text


def test_nothing_is_shown_before_the_first_snapshot() -> None:
    registry = CollectorRegistry()
    OutcomeGauges(registry)

    assert generate_latest(registry) == b""
