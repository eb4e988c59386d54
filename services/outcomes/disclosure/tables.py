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
        amounts: What the child adds to each quantity of the table, in its order: pence, sessions.
        largest: The largest single part of each: a purchase, or all that is the child's own.
    """

    child: int
    labels: tuple[str, ...]
    amounts: tuple[int, ...] = ()
    largest: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something that is summed over the children of a cell.

    Attributes:
        name: The same name in two tables of one population is the same quantity.
        base: Published sums are rounded to multiples of this.
    """

    name: str
    base: int


@dataclass(frozen=True, slots=True)
class Amounts:
    """One quantity of each inner cell, and the largest part of it."""

    quantity: Quantity
    values: Numbers
    largest: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Children of a population, divided so that each is in one cell.

    Attributes:
        name: Unique in its release.
        population: Who is divided; tables of one population share their equal cells.
        counts: Children of each inner cell.
        amounts: What is summed over the children of each inner cell.
        members: The children of each inner cell; empty when they are not known.
        yields: It gives way to a table that does not, where two groups are nearly equal.
    """

    name: str
    population: str
    dimensions: tuple[Dimension, ...]
    counts: Numbers
    amounts: tuple[Amounts, ...] = ()
    yields: bool = False
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
    name: str,
    population: str,
    *,
    dimensions: Sequence[Dimension],
    records: Iterable[Record],
    quantities: Sequence[Quantity] = (),
) -> Table:
    """Count records into a table with their amounts; without a dimension it is a total alone."""
    shape = tuple(len(each.labels) for each in dimensions)
    places = [{label: at for at, label in enumerate(each.labels)} for each in dimensions]
    counts = np.zeros(shape, np.int64)
    amounts = [Amounts(each, np.zeros(shape, np.int64), counts.copy()) for each in quantities]
    members: dict[Index, set[int]] = {}
    for record in records:
        index = tuple(place[label] for place, label in zip(places, record.labels, strict=True))
        counts[index] += 1
        members.setdefault(index, set()).add(record.child)
        for each, value, largest in zip(amounts, record.amounts, record.largest, strict=True):
            each.values[index] += value
            each.largest[index] = max(each.largest[index], largest)
    return Table(
        name=name,
        population=population,
        dimensions=tuple(dimensions),
        counts=counts,
        amounts=tuple(amounts),
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
