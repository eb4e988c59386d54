"""To which of a child's purchases its gain is credited; the shares sum to one, always.

Support that the fund did not pay for has its share beside them, so that money has only its own.
Crediting every purchase with the whole gain would count it once for each. Source: reference 2.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

WHOLE = 1_000_000
"""One child's gain, in the millionths that it is shared by."""


class Attribution(StrEnum):
    """How the gain of a child with several purchases is shared among them."""

    EQUAL = "equal"
    COST_WEIGHTED = "cost_weighted"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Bought:
    """A child's part of one purchase, or support from elsewhere.

    Attributes:
        purchase_id: Or the id of the support.
        cost_minor: Pence; 0 of support from elsewhere.
        delivered_on: First delivery, or the support's first day; None before, and then nothing is
            credited to it.
        funded: False of support from elsewhere.
    """

    purchase_id: str
    cost_minor: int
    delivered_on: date | None
    funded: bool = True


def shares_of(parts: Sequence[Bought], mode: Attribution) -> dict[str, int]:
    """Return for each purchase its millionths of a child's gain.

    They sum to WHOLE where anything was delivered, and are all 0 where nothing was. Weighted by
    cost, a purchase that cost nothing has no share, unless none of them cost anything. Support from
    elsewhere has no cost to be weighed by: it has an equal share first, and the purchases have the
    rest by cost.
    """
    came = [part for part in parts if part.delivered_on is not None]
    weights = {part.purchase_id: 0 for part in parts}
    match mode:
        case Attribution.EQUAL:
            weights.update({part.purchase_id: 1 for part in came})
        case Attribution.COST_WEIGHTED:
            weights.update(_by_cost(came))
        case Attribution.LAST:
            if came:
                latest = max(came, key=lambda part: (part.delivered_on, part.purchase_id))
                weights[latest.purchase_id] = 1
    return _largest_remainders(weights)


def _by_cost(came: Sequence[Bought]) -> dict[str, int]:
    bought = [part for part in came if part.funded]
    total = sum(part.cost_minor for part in bought)
    if not total:
        return {part.purchase_id: 1 for part in came}
    weights = {part.purchase_id: len(bought) * part.cost_minor for part in bought}
    return {**weights, **{part.purchase_id: total for part in came if not part.funded}}


def _largest_remainders(weights: dict[str, int]) -> dict[str, int]:
    total = sum(weights.values())
    if not total:
        return weights
    shares = {name: WHOLE * weight // total for name, weight in weights.items()}
    order = sorted(weights, key=lambda name: (-(WHOLE * weights[name] % total), name))
    for name in order[: WHOLE - sum(shares.values())]:
        shares[name] += 1
    return shares
