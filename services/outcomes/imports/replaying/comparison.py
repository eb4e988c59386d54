"""How what the product counts stands against what was published."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Comparison:
    """What was compared, and how far apart the worst was.

    Attributes:
        compared: Rows of authorities.
        exact: Of these, rows where every count and rate is the same.
        sums_compared: Rows of regions and England, whose figures are our authorities' sums.
        sums_exact: Of these, rows where every count and rate is the same.
        largest_difference_pp: The furthest apart of all the rates, in percentage points.
        differing: The rows that differ, in words.
    """

    compared: int = 0
    exact: int = 0
    sums_compared: int = 0
    sums_exact: int = 0
    largest_difference_pp: float = 0.0
    differing: list[str] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        """Whether every row compared is exact."""
        return self.exact == self.compared and self.sums_exact == self.sums_compared

    def apart(self, difference_pp: float) -> None:
        """Note how far apart two rates are."""
        self.largest_difference_pp = max(self.largest_difference_pp, difference_pp)

    def count(self, *, authority: bool, differing: str) -> None:
        """Count a row that was compared.

        Args:
            authority: Whether it is an authority's own, not a sum of several.
            differing: In words, what differs where; empty when it is exact.
        """
        if authority:
            self.compared += 1
            self.exact += not differing
        else:
            self.sums_compared += 1
            self.sums_exact += not differing
        if differing:
            self.differing.append(differing)
