"""What an outsider could work out: the range of every suppressed cell by linear programs.

The outsider knows every published table, how figures were rounded, and that totals are sums of
rounded parts. Each cell has a true figure, shared by the tables that hold it, and in each table
a rounded one, never farther apart than the rounding. Whole numbers are not asked for, so the
range is the one that an audit of statistical disclosure computes. Source: scipy's HiGHS.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from services.outcomes.disclosure.tables import Index, Table, cells, lines

_UNBOUNDED = 3
_CLOSE = 1e-6
Cell = tuple[int, Index]
"""A table's place in the release, and a cell of it."""


@dataclass(frozen=True, slots=True)
class Published:
    """One quantity of one table as the outsider sees it.

    Attributes:
        table: Its shape, labels and population; the figures in it are not looked at.
        values: Rounded figures with totals; NaN where suppressed.
        slack: The farthest that a true figure is from its rounded one.
        least: The least true figure that is shown.
    """

    table: Table
    values: npt.NDArray[np.float64]
    slack: float
    least: float

    def suppressed(self) -> list[Index]:
        """Return the cells that are not shown."""
        return [index for index in cells(self.table.shape) if np.isnan(self.values[index])]


class Attack:
    """The outsider's linear programs over one quantity of all tables of a release."""

    def __init__(self, published: Sequence[Published]) -> None:
        self._published = published
        self._true: dict[Any, int] = {}
        self._rounded: dict[Cell, int] = {}
        self._bounds: list[tuple[float, float | None]] = []
        self._equal = _Rows()
        self._below = _Rows()
        for place, each in enumerate(published):
            self._add_cells(place, each)
            self._add_lines(place, each)
        count = len(self._bounds)
        self._seen_low = np.full(count, np.inf)
        self._seen_high = np.full(count, -np.inf)
        self._limits = np.array(
            [(low, np.inf if high is None else high) for low, high in self._bounds]
        ).reshape(-1, 2)
        self._matrices = (self._equal.matrix(count), self._below.matrix(count))

    def interval(self, cell: Cell) -> tuple[float, float]:
        """Return the least and the greatest true figure that a cell can have."""
        variable = self._true[self._identity(cell)]
        return self._solve(variable, 1.0), self._solve(variable, -1.0)

    def exposed(self, protection: Callable[[Cell], float]) -> list[Cell]:
        """Return suppressed cells whose range is narrower than `protection` says."""
        found = []
        for place, each in enumerate(self._published):
            for index in each.suppressed():
                needed = protection((place, index)) - _CLOSE
                variable = self._true[self._identity((place, index))]
                if self._wide(variable, needed):
                    continue
                low, high = self.interval((place, index))
                if high - low < needed:
                    found.append((place, index))
        return found

    def _wide(self, variable: int, protection: float) -> bool:
        """Whether solutions found for other cells already show the range to be wide."""
        return bool(self._seen_high[variable] - self._seen_low[variable] >= protection)

    def _solve(self, variable: int, sign: float) -> float:
        from scipy.optimize import linprog  # slow to import; only making a release asks for it

        cost = np.zeros(len(self._bounds))
        cost[variable] = sign
        equal, below = self._matrices
        found = linprog(
            cost,
            A_ub=below,
            b_ub=self._below.right or None,
            A_eq=equal,
            b_eq=self._equal.right or None,
            bounds=self._limits,
            method="highs-ds",
            options={"presolve": False},
        )
        if found.status == _UNBOUNDED:
            self._seen_high[variable] = np.inf
            return float("inf")
        if found.status != 0:
            raise ValueError(f"published tables contradict one another: {found.message}")
        self._seen_low = np.minimum(self._seen_low, found.x)
        self._seen_high = np.maximum(self._seen_high, found.x)
        return float(found.x[variable])

    def _identity(self, cell: Cell) -> Any:
        place, index = cell
        table = self._published[place].table
        return table.population, table.identity(index)

    def _add_cells(self, place: int, each: Published) -> None:
        table = each.table
        for index in cells(table.shape):
            identity, value = self._identity((place, index)), float(each.values[index])
            if identity not in self._true:
                self._true[identity] = len(self._bounds)
                self._bounds.append((0.0, None))
            true = self._true[identity]
            inner = len(table.identity(index)) == len(index)
            if np.isnan(value):
                self._hide(place, index, inner=inner)
                continue
            # A total is the sum of rounded parts, so only its parts say how far it is off.
            low, high = self._bounds[true]
            slack = each.slack if inner else np.inf
            least, most = max(low, each.least, value - slack), value + slack
            self._bounds[true] = (least, most if high is None else min(high, most))

    def _hide(self, place: int, index: Index, *, inner: bool) -> None:
        rounded = self._rounded[place, index] = len(self._bounds)
        self._bounds.append((0.0, None))
        if inner:
            true, slack = self._true[self._identity((place, index))], self._published[place].slack
            self._below.add({true: 1.0, rounded: -1.0}, slack)
            self._below.add({true: -1.0, rounded: 1.0}, slack)

    def _add_lines(self, place: int, each: Published) -> None:
        for total, parts in lines(each.table.shape):
            true = {self._true[self._identity((place, part))]: 1.0 for part in parts}
            true[self._true[self._identity((place, total))]] = -1.0
            self._equal.add(true, 0.0)
            rounded, right = dict[int, float](), 0.0
            for part, sign in ((total, -1.0), *((part, 1.0) for part in parts)):
                variable = self._rounded.get((place, part))
                if variable is None:
                    right -= sign * float(each.values[part])
                else:
                    rounded[variable] = sign
            if rounded:
                self._equal.add(rounded, right)


class _Rows:
    """Sparse rows of a linear program."""

    def __init__(self) -> None:
        self.right: list[float] = []
        self._entries: list[tuple[int, int, float]] = []

    def add(self, row: dict[int, float], right: float) -> None:
        self._entries += [(len(self.right), column, value) for column, value in row.items()]
        self.right.append(right)

    def matrix(self, columns: int) -> Any:
        if not self.right:
            return None
        from scipy.sparse import csr_array

        rows, places, values = zip(*self._entries, strict=True)
        return csr_array((values, (rows, places)), shape=(len(self.right), columns))
