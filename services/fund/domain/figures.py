"""How much money is in each state: the one shape that pots and purchases share.

A pot keeps eight states whose sum is what was put into it. The part of a purchase that a pot
pays keeps the same states, where `available` is what has gone back to the pot.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Bucket(StrEnum):
    """A state that money can be in."""

    AVAILABLE = "available"
    RESERVED = "reserved"
    COMMITTED = "committed"
    RECEIVED = "received"
    ISSUED = "issued"
    SPENT = "spent"
    REFUND_DUE = "refund_due"
    WRITTEN_OFF = "written_off"


@dataclass(frozen=True, slots=True)
class Figures:
    """Pence in each state; none is ever negative."""

    available: int = 0
    reserved: int = 0
    committed: int = 0
    received: int = 0
    issued: int = 0
    spent: int = 0
    refund_due: int = 0
    written_off: int = 0

    @property
    def total(self) -> int:
        """Pence in all states together: what a pot was given, or a purchase took."""
        return (
            self.available
            + self.reserved
            + self.committed
            + self.received
            + self.issued
            + self.spent
            + self.refund_due
            + self.written_off
        )

    @property
    def promised(self) -> int:
        """Pence that can no longer be promised: everything but what is available."""
        return self.total - self.available

    def of(self, bucket: Bucket) -> int:
        """Return the pence in one state."""
        pence: int = getattr(self, bucket.value)
        return pence

    def moved(self, origin: Bucket, target: Bucket, pence: int) -> Figures:
        """Return the figures after `pence` went from one state to another; the total stays."""
        return replace(
            self,
            **{
                origin.value: self.of(origin) - pence,
                target.value: self.of(target) + pence,
            },
        )

    def added(self, pence: int) -> Figures:
        """Return the figures after `pence` came in (or, negative, went out) as available."""
        return replace(self, available=self.available + pence)

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            self.available + other.available,
            self.reserved + other.reserved,
            self.committed + other.committed,
            self.received + other.received,
            self.issued + other.issued,
            self.spent + other.spent,
            self.refund_due + other.refund_due,
            self.written_off + other.written_off,
        )


NOTHING = Figures()
"""No money in any state."""
