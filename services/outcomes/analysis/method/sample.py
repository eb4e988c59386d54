"""The children of one analysis as columns: the only input of the estimates."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from services.outcomes.analysis.method.children import Flags
from services.outcomes.analysis.method.intervals import Counts, Floats

Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Supported and comparison children, one row each, every window measured.

    Attributes:
        supported: True for children whom the fund supported.
        baseline: Attendance over the 60 school days that end 30 days before the request, 0 to 1.
        trigger: Attendance over the 30 school days before the request.
        follow_up: Attendance over school days 1 to 30 after the index date.
        follow_up_possible: Possible sessions of those days.
        persistent_before: Whether a tenth or more of the baseline was missed.
        persistent_after: Whether a tenth or more of the follow-up was missed.
        improved: Whether follow-up attendance is at least 5 points above the baseline.
        phase: A number for each phase of school.
        year_group: National curriculum year; NaN when not recorded.
        half_term: A number for each half-term of request.
        school: 0, 1, 2 ... for each school.
        cost_minor: What the child's episodes cost in pence; 0 for comparison children.
    """

    supported: Flags
    baseline: Floats
    trigger: Floats
    follow_up: Floats
    follow_up_possible: Counts
    persistent_before: Flags
    persistent_after: Flags
    improved: Flags
    phase: Labels
    year_group: Floats
    half_term: Labels
    school: Labels
    cost_minor: Counts

    @property
    def children(self) -> int:
        """Return how many supported children there are."""
        return int(self.supported.sum())

    @property
    def comparison(self) -> int:
        """Return how many comparison children there are."""
        return int((~self.supported).sum())

    def where(self, rows: Flags) -> Sample:
        """Return the sample of these rows alone."""
        return replace(self, **{each.name: getattr(self, each.name)[rows] for each in fields(self)})
