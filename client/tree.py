"""An append-only Merkle tree: leaves, roots, and proofs of inclusion and consistency.

leaf = SHA-256(0x00 || data); node = SHA-256(0x01 || left || right); the left subtree of n leaves
holds the largest power of two below n. Source: RFC 6962 section 2.1, RFC 9162 section 2.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The roots of the complete subtrees of a tree: all that appending and the root need.

    Args:
        size: Leaves so far.
        peaks: Roots of the complete subtrees, the largest first: one for each bit of `size`.
    """

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        if size.bit_count() != len(peaks):
            raise ValueError("a tree has one peak for each bit of its size")
        self.size = size
        self._peaks = list(peaks)

    @classmethod
    def read(cls, size: int, stored: bytes) -> Frontier:
        """Return the frontier that `stored` wrote."""
        starts = range(0, len(stored), HASH_SIZE)
        return cls(size, [stored[at : at + HASH_SIZE] for at in starts])

    def stored(self) -> bytes:
        """Return the peaks as bytes."""
        return b"".join(self._peaks)

    def append(self, leaf: bytes) -> None:
        """Add the hash of the next leaf."""
        held, size = leaf, self.size
        while size & 1:
            held = node_hash(self._peaks.pop(), held)
            size >>= 1
        self._peaks.append(held)
        self.size += 1

    def root(self) -> bytes:
        """Return the root of the tree so far."""
        if not self._peaks:
            return EMPTY_ROOT
        held = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            held = node_hash(peak, held)
        return held


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root over hashes of leaves."""
    tree = Frontier()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


Span = tuple[int, int]
"""A first leaf and one past the last; a root over a span is a subtree's."""


def inclusion_spans(size: int, index: int) -> list[Span]:
    """Return the spans whose roots prove that leaf `index`, from 0, is among `size` leaves."""
    if not 0 <= index < size:
        raise IndexError(f"there is no leaf {index} among {size}")
    spans: list[Span] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + split(high - low)
        if index < middle:
            spans.append((middle, high))
            high = middle
        else:
            spans.append((low, middle))
            low = middle
    return spans[::-1]


def consistency_spans(size: int, earlier: int) -> list[Span]:
    """Return the spans whose roots prove that `earlier` leaves grew into `size`."""
    if not 0 <= earlier <= size:
        raise IndexError(f"a tree of {size} never had {earlier} leaves")
    if earlier in {0, size}:
        return []
    spans: list[Span] = []
    low, high, whole = 0, size, True
    while earlier != high:
        middle = low + split(high - low)
        if earlier <= middle:
            spans.append((middle, high))
            high = middle
        else:
            spans.append((low, middle))
            low, whole = middle, False
    return [*([] if whole else [(low, high)]), *reversed(spans)]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the proof that leaf `index`, from 0, is in the tree of `leaves`."""
    return [root_of(leaves[low:high]) for low, high in inclusion_spans(len(leaves), index)]


def consistency_proof(leaves: Sequence[bytes], earlier: int) -> list[bytes]:
    """Return the proof that the tree of the first `earlier` leaves grew into that of all."""
    return [root_of(leaves[low:high]) for low, high in consistency_spans(len(leaves), earlier)]


def includes(root: bytes, size: int, *, leaf: bytes, index: int, proof: Sequence[bytes]) -> bool:
    """Return whether the proof shows that `leaf` is leaf `index` of the tree with this root."""
    if not 0 <= index < size:
        return False
    place, last, held = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            held = node_hash(step, held)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            held = node_hash(held, step)
        place, last = place >> 1, last >> 1
    return last == 0 and held == root


def consistent(
    earlier: tuple[int, bytes], later: tuple[int, bytes], proof: Sequence[bytes]
) -> bool:
    """Return whether the proof shows that the later (size, root) holds the earlier one."""
    (size, root), (grown, whole) = earlier, later
    if size > grown:
        return False
    if size == grown:
        return root == whole and not proof
    if size == 0:
        return not proof
    steps = list(proof) if size & (size - 1) else [root, *proof]
    if not steps:
        return False
    place, last = size - 1, grown - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, step)
        place, last = place >> 1, last >> 1
    return last == 0 and old == root and new == whole


def split(count: int) -> int:
    """Return how many of `count` leaves, two or more, the left subtree holds."""
    return 1 << ((count - 1).bit_length() - 1)
