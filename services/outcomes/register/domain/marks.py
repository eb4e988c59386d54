"""Marks as columns, whichever door they came in by; and where in the store each belongs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

POSITIONS = 14
"""Sessions of a week: Monday morning, Monday afternoon, to Sunday afternoon."""

_DENSE_MAX = 1 << 26


def week_of(ordinal: int) -> int:
    """Return the ISO week of a day as weeks since Monday, 1 January of the year 1."""
    return (ordinal - 1) // 7


def monday_of(week: int) -> int:
    """Return the ordinal of a week's Monday."""
    return week * 7 + 1


@dataclass(frozen=True, slots=True)
class Marks:
    """Columns of equal length, over dictionaries of distinct values.

    Attributes:
        schools: Distinct URNs.
        children: Distinct identifiers of children, as given.
        codes: Distinct register codes, as given.
        school: intp[n], places in `schools`.
        child: intp[n], places in `children`.
        code: intp[n], places in `codes`.
        day: int32[n], `date.toordinal()`.
        session: uint8[n], 0 morning and 1 afternoon.
    """

    schools: Sequence[str]
    children: Sequence[str]
    codes: Sequence[str]
    school: NDArray[np.integer]
    child: NDArray[np.integer]
    code: NDArray[np.integer]
    day: NDArray[np.int32]
    session: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.day)

    def of_rows(self, rows: NDArray[np.intp]) -> Marks:
        """Return some of the marks over the same dictionaries."""
        return replace(
            self,
            school=self.school[rows],
            child=self.child[rows],
            code=self.code[rows],
            day=self.day[rows],
            session=self.session[rows],
        )

    def only_schools_used(self) -> Marks:
        """Return the same marks over a dictionary without schools that no mark names."""
        used = np.flatnonzero(np.bincount(self.school, minlength=len(self.schools)))
        if len(used) == len(self.schools):
            return self
        table = np.zeros(len(self.schools), np.intp)
        table[used] = np.arange(len(used))
        schools = [self.schools[place] for place in used.tolist()]
        return replace(self, schools=schools, school=table[self.school])


@dataclass(frozen=True, slots=True)
class Distinct:
    """The distinct values of a column of small integers.

    Attributes:
        values: int64, ascending.
        index: intp[n], the place of each row's value in `values`.
    """

    values: NDArray[np.int64]
    index: NDArray[np.intp]


def distinct(column: NDArray[np.integer], *, below: int) -> Distinct:
    """Return the distinct values of a column whose values are from 0 to `below`.

    A table as wide as the range is many times faster than sorting; it is used while it is small.
    """
    if below > _DENSE_MAX:
        values, index = np.unique(column, return_inverse=True)
        return Distinct(values.astype(np.int64), index.astype(np.intp))
    present = np.zeros(below, np.bool_)
    present[column] = True
    values = np.flatnonzero(present)
    table = np.empty(below, np.intp)
    table[values] = np.arange(len(values))
    return Distinct(values, table[column])


@dataclass(frozen=True, slots=True)
class Places:
    """The distinct pairs of school and child in some marks.

    Attributes:
        school: intp[places], places in `Marks.schools`.
        child: intp[places], places in `Marks.children`.
        of_mark: intp[n], the pair of each mark.
    """

    school: NDArray[np.intp]
    child: NDArray[np.intp]
    of_mark: NDArray[np.intp]


def places_of(marks: Marks) -> Places:
    """Return the pairs of school and child that the marks are about."""
    width = max(1, len(marks.children))
    if len(marks.schools) == 1:
        key: NDArray[np.integer] = marks.child
    else:
        key = marks.school.astype(np.int64) * width + marks.child
    pairs = distinct(key, below=max(1, len(marks.schools)) * width)
    return Places(
        (pairs.values // width).astype(np.intp), (pairs.values % width).astype(np.intp), pairs.index
    )
