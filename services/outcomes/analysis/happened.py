"""What happened to the children of a panel beside their attendance, as columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from services.outcomes.analysis.method.children import Flags
from services.outcomes.analysis.method.intervals import Counts
from services.outcomes.episodes.windows import WindowKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What happened to the children of a panel beside their attendance, row for row.

    Attributes:
        spells, sessions: Suspensions that began in each window of the headline, and what was lost.
        off_roll: Sessions of follow-up 1 that the last school held while the child was on no roll.
        excluded, home_educated: Between the request and the end of follow-up 1.
    """

    spells: dict[WindowKind, Counts]
    sessions: dict[WindowKind, Counts]
    off_roll: Counts
    excluded: Flags
    home_educated: Flags

    def where(self, chosen: Flags) -> Happened:
        """Return what happened to these rows alone."""
        return Happened(
            spells={kind: each[chosen] for kind, each in self.spells.items()},
            sessions={kind: each[chosen] for kind, each in self.sessions.items()},
            off_roll=self.off_roll[chosen],
            excluded=self.excluded[chosen],
            home_educated=self.home_educated[chosen],
        )

    def columns(self) -> Iterable[npt.NDArray[Any]]:
        """Return every column, always in the same order."""
        for held in (self.spells, self.sessions):
            yield from (column for _, column in sorted(held.items()))
        yield from (self.off_roll, self.excluded, self.home_educated)

    def total(self, held: dict[WindowKind, Counts], kinds: Sequence[WindowKind]) -> Counts:
        """Return the sum of each row over some windows."""
        return np.asarray(sum(held[kind] for kind in kinds), dtype=np.int64)


def nothing_happened(rows: int, kinds: Sequence[WindowKind]) -> Happened:
    """Return that nothing is known to have happened to so many children."""
    none, nobody = np.zeros(rows, np.int64), np.zeros(rows, np.bool_)
    return Happened(
        spells=dict.fromkeys(kinds, none),
        sessions=dict.fromkeys(kinds, none),
        off_roll=none,
        excluded=nobody,
        home_educated=nobody,
    )


def all_that_happened(parts: Sequence[Happened]) -> Happened:
    """Return parts one after the other; one or more."""

    def each(held: Sequence[dict[WindowKind, Counts]]) -> dict[WindowKind, Counts]:
        return {kind: np.concatenate([one[kind] for one in held]) for kind in held[0]}

    return Happened(
        spells=each([part.spells for part in parts]),
        sessions=each([part.sessions for part in parts]),
        off_roll=np.concatenate([part.off_roll for part in parts]),
        excluded=np.concatenate([part.excluded for part in parts]),
        home_educated=np.concatenate([part.home_educated for part in parts]),
    )
