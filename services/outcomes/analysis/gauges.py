"""What /metrics shows of outcomes: a rounded snapshot of groups of ten or more, never a child.

A withheld value is absent, never 0. Values change with a snapshot alone, so that nobody can
watch one child's purchase move them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from services.outcomes.analysis.method.adjusted import Estimate, Withheld

_LABELS = ("authority", "academic_year", "category")
_AUTHORITY = ("authority",)
_HELP = {
    "lrf_attendance_change_ratio": "Attendance against children like them, adjusted.",
    "lrf_attendance_change_lower_ratio": "Lower end of its 95 % interval.",
    "lrf_attendance_change_upper_ratio": "Upper end of its 95 % interval.",
    "lrf_attendance_change_naive_ratio": "Naive: with the recovery that usually happens anyway.",
    "lrf_outcome_extra_sessions": "Sessions attended beyond the comparison in follow-up 1.",
    "lrf_outcome_measured_spend_gbp": "Spend on the same children as the attendance change.",
    "lrf_outcome_measured_children": "Supported children behind the change, to the nearest 5.",
}
_ROUND_CHILDREN = 5
_ROUND_POUNDS = 10
_RATIO_DIGITS = 3

Labels = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One group of supported children.

    Attributes:
        adjusted, naive: Its changes, withheld below ten children.
        extra_sessions: None when withheld.
        spend_minor: Pence spent on the children of the adjusted change.
    """

    adjusted: Estimate
    naive: Estimate
    extra_sessions: float | None
    spend_minor: int

    def values(self) -> dict[str, float]:
        """Return what may be shown, rounded, by the metric's name."""
        shown: dict[str, float | None] = {
            "lrf_attendance_change_ratio": _ratio(self.adjusted.estimate_pp),
            "lrf_attendance_change_lower_ratio": _ratio(self.adjusted.lower_pp),
            "lrf_attendance_change_upper_ratio": _ratio(self.adjusted.upper_pp),
            "lrf_attendance_change_naive_ratio": _ratio(self.naive.estimate_pp),
        }
        if self.adjusted.withheld is Withheld.NO:
            pounds = self.spend_minor / 100
            children = self.adjusted.children
            shown["lrf_outcome_extra_sessions"] = _nearest(self.extra_sessions, _ROUND_CHILDREN)
            shown["lrf_outcome_measured_spend_gbp"] = _nearest(pounds, _ROUND_POUNDS)
            shown["lrf_outcome_measured_children"] = _nearest(children, _ROUND_CHILDREN)
        return {name: value for name, value in shown.items() if value is not None}


class OutcomeGauges(Collector):
    """The snapshots of every authority that this process serves.

    Args:
        registry: Where they are shown.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._cells: dict[str, Mapping[tuple[str, str], Cell]] = {}
        self._taken: dict[str, datetime] = {}
        registry.register(self)

    def replace(
        self, authority: str, cells: Mapping[tuple[str, str], Cell], *, at: datetime
    ) -> None:
        """Show a new snapshot of an authority, by academic year and category."""
        self._cells[authority] = dict(cells)
        self._taken[authority] = at

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Yield what may be shown; nothing before the first snapshot."""
        if not self._taken:
            return
        families = {
            name: GaugeMetricFamily(name, text, labels=_LABELS) for name, text in _HELP.items()
        }
        groups = GaugeMetricFamily("lrf_outcome_cells", "Groups.", labels=_AUTHORITY)
        hidden = GaugeMetricFamily(
            "lrf_outcome_suppressed_cells", "Groups not shown: too few.", labels=_AUTHORITY
        )
        for authority, cells in self._cells.items():
            withheld = [cell.adjusted.withheld is not Withheld.NO for cell in cells.values()]
            groups.add_metric((authority,), len(withheld))
            hidden.add_metric((authority,), sum(withheld))
            for (year, category), cell in cells.items():
                for name, value in cell.values().items():
                    families[name].add_metric((authority, year, category), value)
        yield from (family for family in families.values() if family.samples)
        yield from (groups, hidden, self._last_success())

    def _last_success(self) -> GaugeMetricFamily:
        taken = GaugeMetricFamily(
            "lrf_outcome_last_success_timestamp_seconds",
            "When the snapshot was taken.",
            labels=_AUTHORITY,
        )
        for authority, at in self._taken.items():
            taken.add_metric((authority,), at.timestamp())
        return taken


def _ratio(points: float | None) -> float | None:
    return None if points is None else round(points / 100, _RATIO_DIGITS)


def _nearest(value: float | None, step: int) -> float | None:
    return None if value is None else float(step * round(value / step))
