"""Fixed shares: each source of a budget pays its part of every purchase, to the penny."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from services.fund.errors import SharesInvalid

WHOLE = 10_000
"""All of a purchase, in basis points (hundredths of a percent)."""


@dataclass(frozen=True, slots=True)
class SharePlan:
    """How a budget's purchases are shared; without parts the most restricted source pays first.

    Attributes:
        parts: Sources with their basis points, adding up to `WHOLE`, in the order they pay.
        residual: The source that takes the last penny.
    """

    parts: tuple[tuple[str, int], ...] = ()
    residual: str = ""

    def split(self, cost: int) -> dict[str, int]:
        """Return what each source pays of a cost in pence, by largest remainder.

        Pennies that the shares leave go to the largest remainders, and the last one to the
        residual source, so the parts are whole and add up to the cost.
        """
        pays = {source: cost * points // WHOLE for source, points in self.parts}
        left = cost - sum(pays.values())
        if left:
            by_remainder = sorted(self.parts, key=lambda part: -(cost * part[1] % WHOLE))
            for source, _ in by_remainder[: left - 1]:
                pays[source] += 1
            pays[self.residual] += 1
        return pays


IN_ORDER = SharePlan()
"""No fixed shares: the most restricted and soonest to expire source pays first."""


def check_plan(plan: SharePlan, sources: Collection[str]) -> SharePlan:
    """Return the plan if it can share every purchase of a budget.

    Args:
        plan: As it is asked for.
        sources: Those that the budget has a pot for.

    Raises:
        SharesInvalid: It cannot; `rule` says why (INVALID_ARGUMENT).
    """
    named = [source for source, _ in plan.parts]
    _hold(len(set(named)) == len(named), "each source is named once")
    _hold(set(named) <= set(sources), "the budget has money of each source")
    _hold(not named or sum(points for _, points in plan.parts) == WHOLE, "they are the whole")
    _hold((plan.residual in named) if named else not plan.residual, "the residual source is named")
    return plan


def _hold(true: bool, rule: str) -> None:  # noqa: FBT001 (a checked fact)
    if not true:
        raise SharesInvalid(f"apportionment: {rule}", field="apportionment", rule=rule)
