"""Counting sessions by class over whole blocks.

Eight counters ride in one 64-bit word, a byte each: a code is looked up once and adds to all of
them, so a child's week is fourteen additions. A week holds fourteen sessions, so no byte spills
into the next before it is unpacked.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from services.outcomes.reference import codes
from services.outcomes.reference.codes import CodeClass


class Counter(IntEnum):
    """The counters, in the order of an array's last axis."""

    POSSIBLE = 0
    ATTENDED = 1
    AUTHORISED = 2
    UNAUTHORISED = 3
    ILLNESS = 4
    LATE = 5
    PROVISIONAL = 6
    NOT_POSSIBLE = 7


COUNTERS = len(Counter)

_OF_CLASS = {
    CodeClass.PRESENT: (Counter.POSSIBLE, Counter.ATTENDED),
    CodeClass.APPROVED: (Counter.POSSIBLE, Counter.ATTENDED),
    CodeClass.AUTHORISED: (Counter.POSSIBLE, Counter.AUTHORISED),
    CodeClass.UNAUTHORISED: (Counter.POSSIBLE, Counter.UNAUTHORISED),
    CodeClass.NOT_POSSIBLE: (Counter.NOT_POSSIBLE,),
}


def _words() -> NDArray[np.uint64]:
    bytes_of = np.zeros((256, COUNTERS), np.uint8)
    for code in codes.CODES:
        bytes_of[code.index, list(_OF_CLASS[code.code_class])] = 1
    bytes_of[codes.ILLNESS, Counter.ILLNESS] = 1
    bytes_of[list(codes.LATE), Counter.LATE] = 1
    bytes_of[codes.PROVISIONAL, Counter.PROVISIONAL] = 1
    return bytes_of.view(np.uint64).ravel()


WORD_OF = _words()
"""uint64[256]: code index -> one in the byte of each counter that it adds to."""


_EACH = WORD_OF.view(np.uint8).reshape(256, COUNTERS).astype(np.int64)
_PAIR = (WORD_OF[:, None] + WORD_OF[None, :]).ravel()
"""uint64[65536]: the word of two codes that stand beside each other, whichever is first."""


def counts_of_rows(block: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return uint8[n, 8], the counters of each row of code indexes.

    A row holds a week or less: an even number of sessions, at most 254.
    """
    pairs = np.ascontiguousarray(block).view(np.uint16)
    words = _PAIR[pairs[:, 0]]
    for column in range(1, pairs.shape[1]):
        words += _PAIR[pairs[:, column]]
    return words.view(np.uint8).reshape(-1, COUNTERS)


def counts_of_columns(block: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return int64[columns, 8], the counters of each column, over all rows."""
    found = np.zeros((block.shape[1], COUNTERS), np.int64)
    for column in range(block.shape[1]):
        each = np.bincount(block[:, column], minlength=256)
        found[column] = each @ _EACH
    return found


@dataclass(frozen=True, slots=True)
class HalfTermCounts:
    """Counters of each child in each half-term.

    Attributes:
        numbers: int32[children], ascending.
        terms: The half-terms, (academic year, number), ascending; (0, 0) holds marks that are
            outside every half-term.
        counts: uint16[children, terms, 8].
    """

    numbers: NDArray[np.int32]
    terms: list[tuple[int, int]]
    counts: NDArray[np.uint16]

    def of_year(self, academic_year: int) -> NDArray[np.int64]:
        """Return int64[children, 8], the counters of one academic year."""
        chosen = [place for place, term in enumerate(self.terms) if term[0] == academic_year]
        total: NDArray[np.int64] = self.counts[:, chosen].sum(axis=1, dtype=np.int64)
        return total
