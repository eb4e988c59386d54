"""Tables of groups: every child is in one cell, and every line has its total."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

Index = tuple[int, ...]
Numbers = npt.NDArray[np.int64]
TOTAL = "Total"


@dataclass(frozen=True, slots=True)
class Dimension:
    """A facet by which children are divided, and its values in order."""

    name: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """One child in one cell.

    Attributes:
        child: Any number that is the child's own.
        labels: The cell, a label for each dimension.
        spend_minor: What was spent on the child, pence.
        largest_minor: The largest single purchase of that, pence.
    """

    child: int
    labels: tuple[str, ...]
    spend_minor: int = 0
    largest_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Children of a population, divided so that each is in one cell.

    Attributes:
        name: Unique in its release.
        population: Who is divided; tables of one population share their equal cells.
        counts: Children of each inner cell.
        spend: Pence of each inner cell; None when the table says nothing of money.
        largest: The largest purchase of each inner cell.
        members: The children of each inner cell; empty when they are not known.
    """

    name: str
    population: str
    dimensions: tuple[Dimension, ...]
    counts: Numbers
    spend: Numbers | None = None
    largest: Numbers | None = None
    members: tuple[tuple[Index, frozenset[int]], ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape with the totals, which stand last on each axis."""
        return tuple(len(each.labels) + 1 for each in self.dimensions)

    def identity(self, index: Index) -> frozenset[tuple[str, str]]:
        """Return what a cell is about; a total leaves its dimension out."""
        return frozenset(
            (each.name, each.labels[place])
            for each, place in zip(self.dimensions, index, strict=True)
            if place < len(each.labels)
        )

    def labels(self, index: Index) -> tuple[str, ...]:
        """Return a cell's labels, `Total` for totals."""
        return tuple(
            (*each.labels, TOTAL)[place] for each, place in zip(self.dimensions, index, strict=True)
        )

    def children(self) -> dict[Index, frozenset[int]]:
        """Return the children of every cell, totals too."""
        found: dict[Index, set[int]] = {}
        for index, members in self.members:
            for cell in _covering(index, self.shape):
                found.setdefault(cell, set()).update(members)
        return {cell: frozenset(members) for cell, members in found.items()}


def table_of(
    name: str, population: str, *, dimensions: Sequence[Dimension], records: Iterable[Record]
) -> Table:
    """Count records into a table with their spend."""
    shape = tuple(len(each.labels) for each in dimensions)
    places = [{label: at for at, label in enumerate(each.labels)} for each in dimensions]
    counts, spend, largest = (np.zeros(shape, np.int64) for _ in range(3))
    members: dict[Index, set[int]] = {}
    for record in records:
        index = tuple(place[label] for place, label in zip(places, record.labels, strict=True))
        counts[index] += 1
        spend[index] += record.spend_minor
        largest[index] = max(largest[index], record.largest_minor)
        members.setdefault(index, set()).add(record.child)
    return Table(
        name=name,
        population=population,
        dimensions=tuple(dimensions),
        counts=counts,
        spend=spend,
        largest=largest,
        members=tuple((index, frozenset(held)) for index, held in sorted(members.items())),
    )


def with_totals(inner: npt.NDArray[np.int64]) -> Numbers:
    """Return an array with the sums of every axis put last."""
    whole = inner
    for axis in range(inner.ndim):
        whole = np.concatenate([whole, whole.sum(axis=axis, keepdims=True)], axis=axis)
    return whole


def with_largest(inner: npt.NDArray[np.int64]) -> Numbers:
    """Return an array with the largest of every axis put last."""
    whole = inner
    for axis in range(inner.ndim):
        top = whole.max(axis=axis, keepdims=True, initial=0)
        whole = np.concatenate([whole, top], axis=axis)
    return whole


def cells(shape: Sequence[int]) -> Iterator[Index]:
    """Yield every cell of a table, totals too."""
    return product(*(range(size) for size in shape))


def lines(shape: Sequence[int]) -> Iterator[tuple[Index, list[Index]]]:
    """Yield every total with its parts, along every axis."""
    for axis, size in enumerate(shape):
        for index in cells(shape):
            if index[axis] == size - 1:
                parts = [(*index[:axis], at, *index[axis + 1 :]) for at in range(size - 1)]
                yield index, parts


def _covering(index: Index, shape: Sequence[int]) -> Iterator[Index]:
    return product(*((at, size - 1) for at, size in zip(index, shape, strict=True)))
