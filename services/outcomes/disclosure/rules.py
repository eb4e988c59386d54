"""The rules of a release, and the symbols that stand where a figure does not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

FLOOR = 5
"""No agreement may set a threshold below this."""


class Symbol(StrEnum):
    """Why a cell holds no figure, as the DfE writes it."""

    SUPPRESSED = "c"
    NOT_APPLICABLE = "z"
    UNAVAILABLE = "x"
    LOW = "low"
    """It rounds to nothing and is not nothing."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one release, stated on every output.

    Attributes:
        threshold: Counts up to this are suppressed, 0 too: that nobody is in a group says
            something of everybody outside it. Children.
        base: Counts are rounded to multiples of this, an odd number. Children.
        group: The fewest children by which a cell may differ from one released before.
        dominance_percent: A cell of an amount is suppressed when one part is more of it: of
            spend one purchase, of sessions those of one child.
        spend_base: Spend is rounded to multiples of this, pence.
        session_base: Sessions are rounded to multiples of this.
        version: Of these rules; changes when what they do changes.
    """

    threshold: int = 7
    base: int = 5
    group: int = 10
    dominance_percent: int = 90
    spend_base: int = 1_000
    session_base: int = 5
    version: str = "1.1"

    def __post_init__(self) -> None:
        """Refuse rules that protect nobody."""
        if self.threshold < FLOOR or self.group < FLOOR or self.base % 2 == 0:
            raise ValueError(f"a threshold or a group below {FLOOR}, or an even base")

    @property
    def protection(self) -> int:
        """How wide the range of a suppressed count must stay: past the threshold from zero."""
        return self.threshold + 1

    def statement(self) -> str:
        """Return the rules in words, for every output."""
        return (
            f"Counts of {self.threshold} or fewer children are suppressed (c), others rounded "
            f"to {self.base}; totals are sums of rounded parts; further cells are suppressed so "
            f"that none can be worked out; spend of which one purchase is more than "
            f"{self.dominance_percent} % is suppressed and other spend rounded to "
            f"{self.spend_base} pence, sessions likewise to {self.session_base}; rates are of "
            f"rounded sessions. Rules version {self.version}."
        )
