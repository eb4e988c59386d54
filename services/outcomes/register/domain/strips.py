"""A strip: weeks of one school after one another with the same children, as one matrix.

Windows take a few children out of every week of a year. From a strip that is one gather a school
instead of one a week.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.outcomes.register.domain.blocks import Block
from services.outcomes.register.domain.marks import POSITIONS

_GAP_MAX = 8
"""Weeks without a register that a strip may span: the summer holiday, but not a closed year."""


@dataclass(frozen=True, slots=True)
class Strip:
    """Marks of one school over some weeks.

    Attributes:
        urn: The school.
        week: The first week.
        numbers: int32[n], children, ascending.
        codes: uint8[n, weeks x 14], code indexes; 0 is not recorded.
    """

    urn: str
    week: int
    numbers: NDArray[np.int32]
    codes: NDArray[np.uint8]

    @property
    def weeks(self) -> range:
        """Return the weeks, from the first to the last."""
        return range(self.week, self.week + self.codes.shape[1] // POSITIONS)

    @property
    def nbytes(self) -> int:
        """Return the memory that it takes."""
        return self.numbers.nbytes + self.codes.nbytes


def strips(blocks: Iterable[tuple[str, int, Block]]) -> Iterator[Strip]:
    """Yield the strips that blocks make; they come in order of school and week."""
    together: list[tuple[str, int, Block]] = []
    for one in blocks:
        if together and not _follows(together[-1], one):
            yield _strip(together)
            together = []
        together.append(one)
    if together:
        yield _strip(together)


def _follows(before: tuple[str, int, Block], one: tuple[str, int, Block]) -> bool:
    return (
        before[0] == one[0]
        and one[1] - before[1] <= _GAP_MAX
        and np.array_equal(before[2].numbers, one[2].numbers)
    )


def _strip(together: Sequence[tuple[str, int, Block]]) -> Strip:
    urn, first, block = together[0]
    weeks = together[-1][1] - first + 1
    codes = np.zeros((len(block.numbers), weeks, POSITIONS), np.uint8)
    for _, week, each in together:
        codes[:, week - first] = each.codes
    return Strip(urn, first, block.numbers, codes.reshape(len(codes), weeks * POSITIONS))
