"""A request that nobody decided before its year ended: it is held in the next year instead.

What its sources keep goes with it; what they do not is given back, and held again from the next
year's money under the terms of that day. Source: ledger.md d4, step 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from services.fund.domain.apportionment import Share, reserving
from services.fund.domain.closing import Carried, carry, draw_from
from services.fund.domain.figures import Bucket
from services.fund.domain.ledger import PotMove
from services.fund.domain.purchase import Action, Purchase
from services.fund.domain.steps import Step, step_of


@dataclass(frozen=True, slots=True)
class HeldOver:
    """What came of it.

    Attributes:
        step: The request as a new version in the next year's budget; it moves no money itself.
        released: Moves of the year that ends.
        carried: What goes from one year to the other.
        reserved: Moves of the next year.
    """

    step: Step
    released: tuple[PotMove, ...]
    carried: Carried
    reserved: tuple[PotMove, ...]


@dataclass(frozen=True, slots=True)
class NextYear:
    """Where a request is held from now on.

    Attributes:
        kept: Pots of the year that ends, by id, whose money goes with it.
        lost: Pots of that year whose money stays behind.
        planned: Who pays in the next year for what stays behind.
        into: The next year's pot for a share that goes with it.
        year: The name of the year that ends.
    """

    budget_id: str
    kept: Mapping[str, object]
    lost: Mapping[str, object]
    planned: tuple[Share, ...]
    into: Callable[[Share], str]
    year: str


def hold_over(purchase: Purchase, following: NextYear) -> HeldOver:
    """Hold an undecided request in the next year; approvals so far are void, its pots differ.

    Raises:
        WrongState: It was decided (FAILED_PRECONDITION).
    """
    shares, released = draw_from(
        purchase.shares, following.lost, origin=Bucket.RESERVED, target=Bucket.AVAILABLE
    )
    carried = carry(
        shares,
        following.kept,
        into=following.into,
        year=following.year,
        states=(Bucket.RESERVED,),
    )
    after = replace(
        purchase,
        shares=_with(carried.shares, following.planned),
        budget_id=following.budget_id,
        revision=purchase.revision + 1,
    )
    step = step_of(purchase, Action.CARRIED, after, amount=purchase.money.reserved)
    return HeldOver(step, released, carried, reserving(following.planned))


def _with(shares: Iterable[Share], planned: Iterable[Share]) -> tuple[Share, ...]:
    """Return the shares with those of a new plan: a pot that pays already has one place."""
    found = {share.pot_id: share for share in shares}
    for share in planned:
        known = found.get(share.pot_id)
        if known is None:
            found[share.pot_id] = replace(share, position=len(found) + 1)
        else:
            found[share.pot_id] = replace(known, figures=known.figures + share.figures)
    return tuple(found.values())
