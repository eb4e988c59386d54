"""The rows of an analysis: supported and comparison children with their windows as columns."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from services.outcomes.analysis.happened import Happened, all_that_happened, nothing_happened
from services.outcomes.analysis.method import TRIGGER_RATE
from services.outcomes.analysis.method.adjusted import Estimate
from services.outcomes.analysis.method.children import (
    Direction,
    Flags,
    attendance,
    changes,
    persistently_absent,
)
from services.outcomes.analysis.method.intervals import Counts
from services.outcomes.analysis.method.sample import Sample
from services.outcomes.episodes.windows import (
    DailyCounts,
    SchoolDayWindows,
    WindowKind,
    Windows,
    joined,
)
from services.outcomes.support.domain import Support

HEADLINE = (WindowKind.BASELINE, WindowKind.TRIGGER, WindowKind.FOLLOW_UP_1)
"""The windows that the headline needs."""

PLACEBO_SCHOOL_DAYS = -60
"""How far the placebo run moves every date."""

Day = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One child of an analysis.

    Attributes:
        requested_day, index_day: Ordinals; a comparison child has those of the supported child
            that it was drawn for.
        half_term: Academic year and number of the half-term of request.
        episode_ids, cost_minor: Empty and 0 for a comparison child.
        others: Support that the fund did not pay for, from the request to the end of follow-up 1.
    """

    child_id: str
    supported: bool
    requested_day: int
    index_day: int
    urn: str
    phase: str
    year_group: int | None
    half_term: tuple[int, int]
    episode_ids: tuple[str, ...] = field(default=())
    cost_minor: int = 0
    others: tuple[Support, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Panel:
    """Rows with their windows, row for row.

    Attributes:
        windows: The headline's windows.
        placebo: The same, every date moved 60 school days earlier.
        left: Ordinal of each child's last day on any roll; 0 while on roll.
        happened: What happened to each child beside its attendance.
    """

    rows: tuple[Row, ...]
    windows: dict[WindowKind, Windows]
    placebo: dict[WindowKind, Windows]
    left: Day
    happened: Happened

    @property
    def supported(self) -> Flags:
        """Return which rows are supported children."""
        return np.array([row.supported for row in self.rows], dtype=np.bool_)

    @property
    def triggered(self) -> Flags:
        """Return whose absence had met the trigger at the request."""
        return met_trigger(self.windows[WindowKind.TRIGGER])

    @property
    def left_early(self) -> Flags:
        """Return who left every roll before follow-up 1 ended."""
        return (self.left > 0) & self.windows[WindowKind.FOLLOW_UP_1].truncated

    @property
    def gone(self) -> Flags:
        """Return who left, was excluded or moved to home education: never an improvement."""
        return self.left_early | self.happened.excluded | self.happened.home_educated

    @property
    def measured(self) -> Flags:
        """Return whose headline windows all say something."""
        return _all_measured(self.windows)

    @property
    def before_and_after(self) -> Flags:
        """Return who can be compared before and after: trigger and follow-up say something."""
        wanted = (WindowKind.TRIGGER, WindowKind.FOLLOW_UP_1)
        return self.windows[wanted[0]].measured & self.windows[wanted[1]].measured

    def where(self, chosen: Flags) -> Panel:
        """Return the panel of these rows alone."""
        return Panel(
            tuple(row for row, keep in zip(self.rows, chosen, strict=True) if keep),
            {kind: each.where(chosen) for kind, each in self.windows.items()},
            {kind: each.where(chosen) for kind, each in self.placebo.items()},
            self.left[chosen],
            self.happened.where(chosen),
        )

    def possible(self, kinds: Sequence[WindowKind]) -> Counts:
        """Return each child's possible sessions over some windows."""
        return np.asarray(sum(self.windows[kind].possible for kind in kinds), dtype=np.int64)

    def headline(self) -> Panel:
        """Return the rows that the headline rests on."""
        return self.where(self.measured & self.triggered & ~self.gone)

    def sample(self) -> Sample:
        """Return the rows as the method's columns; NaN where a window holds no session."""
        return _sample(self.rows, self.windows)

    def placebo_sample(self) -> Sample:
        """Return the rows whose placebo windows say something, as the method's columns."""
        chosen = self.placebo_measured()
        return _sample(chosen.rows, chosen.placebo)

    def placebo_measured(self) -> Panel:
        """Return the rows whose placebo windows all say something."""
        return self.where(_all_measured(self.placebo))

    def digest(self) -> str:
        """Return SHA-256 over every count and cost in the panel."""
        held = hashlib.sha256()
        for row in self.rows:
            other = [(each.id, each.version) for each in row.others]
            held.update(repr((row.child_id, row.supported, row.cost_minor, *other)).encode())
        for windows in (self.windows, self.placebo):
            for _, each in sorted(windows.items()):
                for column in (each.start_day, each.end_day, each.possible, each.absent):
                    held.update(np.ascontiguousarray(column, dtype="<i8").tobytes())
        for what in self.happened.columns():
            held.update(np.ascontiguousarray(what, dtype="<i8").tobytes())
        return held.hexdigest()


def beside(estimate: Estimate, panel: Panel) -> Estimate:
    """Return an estimate with how many of its children, in both groups, had other support."""
    theirs = [row.supported for row in panel.rows if row.others]
    compared = len(theirs) - sum(theirs) if estimate.comparison else 0
    return replace(estimate, other_support=sum(theirs), comparison_other_support=compared)


def panel_of(rows: Sequence[Row], read: SchoolDayWindows) -> Panel:
    """Return rows with their windows; `read` has the same rows in the same order."""
    requested = np.array([row.requested_day for row in rows], np.int32)
    index = np.array([row.index_day for row in rows], np.int32)

    def windows(moved: int) -> dict[WindowKind, Windows]:
        return {
            kind: read.measure(kind, requested=requested, index=index, moved=moved)
            for kind in HEADLINE
        }

    known = nothing_happened(len(rows), HEADLINE)
    return Panel(tuple(rows), windows(0), windows(PLACEBO_SCHOOL_DAYS), read.left, known)


def together(parts: Sequence[Panel]) -> Panel:
    """Return panels one after the other; one or more."""
    return Panel(
        tuple(row for part in parts for row in part.rows),
        {kind: joined([part.windows[kind] for part in parts]) for kind in HEADLINE},
        {kind: joined([part.placebo[kind] for part in parts]) for kind in HEADLINE},
        np.concatenate([part.left for part in parts]),
        all_that_happened([part.happened for part in parts]),
    )


def met_trigger(trigger: Windows) -> Flags:
    """Return whose absence in the trigger window met the trigger, compared as integers."""
    percent = round(100 * TRIGGER_RATE)
    return trigger.measured & (100 * trigger.absent >= percent * trigger.possible)


def _all_measured(windows: dict[WindowKind, Windows]) -> Flags:
    base, trigger, follow = (windows[kind].measured for kind in HEADLINE)
    return base & trigger & follow


def _sample(rows: Sequence[Row], windows: dict[WindowKind, Windows]) -> Sample:
    base, trigger, follow = (windows[kind] for kind in HEADLINE)
    measured = np.ones(len(rows), dtype=np.bool_)
    moved = changes(
        (base.absent, base.possible), (follow.absent, follow.possible), measured=measured
    )
    years = [np.nan if row.year_group is None else float(row.year_group) for row in rows]
    return Sample(
        supported=np.array([row.supported for row in rows], dtype=np.bool_),
        baseline=attendance(base.absent, base.possible),
        trigger=attendance(trigger.absent, trigger.possible),
        follow_up=attendance(follow.absent, follow.possible),
        follow_up_possible=follow.possible,
        persistent_before=persistently_absent(base.absent, base.possible),
        persistent_after=persistently_absent(follow.absent, follow.possible),
        improved=moved.direction == Direction.IMPROVED,
        phase=_numbered([row.phase for row in rows]),
        year_group=np.array(years, dtype=np.float64),
        half_term=_numbered([row.half_term for row in rows]),
        school=_numbered([row.urn for row in rows]),
        cost_minor=np.array([row.cost_minor for row in rows], dtype=np.int64),
    )


def _numbered(labels: Sequence[object]) -> npt.NDArray[np.int64]:
    order = {label: number for number, label in enumerate(sorted(set(labels), key=repr))}
    return np.array([order[label] for label in labels], dtype=np.int64)


def _empty() -> Panel:
    none = DailyCounts(np.zeros(0, np.int32), *(np.zeros((0, 0), np.uint8) for _ in range(5)))
    return panel_of((), SchoolDayWindows(none))


EMPTY_PANEL = _empty()
"""Of a run whose rule names nobody."""
