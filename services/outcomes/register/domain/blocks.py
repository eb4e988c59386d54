"""A block: the marks of one school in one week, as a matrix of code indexes.

A row is a child (by tenant-local number, ascending), a column one of the week's fourteen
sessions. 0 is not recorded. What was recorded when is a list of overlays, each a block in which
0 is unchanged: folded in order they are the register, folded up to a moment they are the register
as it stood then.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.outcomes.register.domain.marks import POSITIONS

_LITTLE = np.dtype("<i4")


@dataclass(frozen=True, slots=True)
class Block:
    """Marks of one school in one week, or an overlay of them.

    Attributes:
        numbers: int32[n], children, ascending.
        codes: uint8[n, 14], code indexes; 0 is not recorded, or unchanged in an overlay.
    """

    numbers: NDArray[np.int32]
    codes: NDArray[np.uint8]

    def count(self) -> int:
        """Return how many sessions hold a code."""
        return int(np.count_nonzero(self.codes))

    def packed(self) -> tuple[bytes, bytes]:
        """Return the bytes of children and of codes, little-endian."""
        return self.numbers.astype(_LITTLE, copy=False).tobytes(), self.codes.tobytes()

    def squeezed(self) -> bytes:
        """Return both, compressed: overlays are kept for years and read seldom."""
        children, codes = self.packed()
        return zlib.compress(children + codes, 1)


def unpacked(children: bytes, codes: bytes) -> Block:
    """Return the block that `packed` made; its arrays are read-only views."""
    numbers = np.frombuffer(children, _LITTLE)
    return Block(numbers, np.frombuffer(codes, np.uint8).reshape(len(numbers), POSITIONS))


def unsqueezed(overlay: bytes) -> Block:
    """Return the block that `squeezed` made."""
    content = zlib.decompress(overlay)
    rows = len(content) // (_LITTLE.itemsize + POSITIONS)
    split = rows * _LITTLE.itemsize
    return unpacked(content[:split], content[split:])


@dataclass(frozen=True, slots=True)
class Merged:
    """What recording marks over a block makes.

    Attributes:
        block: The register now.
        overlay: Only what changed.
        added: Sessions where nothing stood before.
        changed: Sessions where another code stood.
    """

    block: Block
    overlay: Block
    added: int
    changed: int


def merged(known: Block | None, new: Block) -> Merged | None:
    """Record `new` over `known`; None when it says nothing that is not known.

    A session that `new` leaves at 0 stays as it is.
    """
    if known is None:
        return Merged(new, new, new.count(), 0)
    numbers, old = _widened(known, new.numbers)
    rows = np.searchsorted(numbers, new.numbers)
    before = old[rows]
    differs = (new.codes != 0) & (new.codes != before)
    touched = differs.any(axis=1)
    if not touched.any():
        return None
    after = old.copy()
    after[rows] = np.where(differs, new.codes, before)
    overlay = Block(new.numbers[touched], np.where(differs, new.codes, 0)[touched])
    added = int(np.count_nonzero(differs & (before == 0)))
    return Merged(Block(numbers, after), overlay, added, int(np.count_nonzero(differs)) - added)


def _widened(
    known: Block, numbers: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Return the known rows with empty ones for children that are new to the block."""
    if np.isin(numbers, known.numbers, assume_unique=True).all():
        return known.numbers, known.codes
    every = np.union1d(known.numbers, numbers)
    wide = np.zeros((len(every), POSITIONS), np.uint8)
    wide[np.searchsorted(every, known.numbers)] = known.codes
    return every, wide


def folded(overlays: Iterable[Block]) -> Block | None:
    """Return the register that overlays make, in the order they were recorded."""
    known: Block | None = None
    for overlay in overlays:
        outcome = merged(known, overlay)
        known = outcome.block if outcome is not None else known
    return known
