"""What year end does to one purchase's money: charge it, carry it, or let it go back.

Shares of a year that ends keep what was spent there; what is still live moves to new shares of
the next year's pots, after all others in the plan, so that what goes back goes back there first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from services.fund.domain.apportionment import Share
from services.fund.domain.budget import Period
from services.fund.domain.figures import NOTHING, Bucket, Figures
from services.fund.domain.ledger import (
    Entry,
    PotMove,
    pot_account,
    year_account,
)
from services.fund.domain.periods import PeriodState, named
from services.fund.errors import WrongPeriodState

T = TypeVar("T")
LIVE = (Bucket.COMMITTED, Bucket.RECEIVED, Bucket.ISSUED, Bucket.REFUND_DUE)
"""States whose money goes on in the next year."""


class YearEndStep(StrEnum):
    """A step of year end, in the order in which they are run."""

    OPEN_NEXT = "open_next"
    RELEASE_UNAPPROVED = "release_unapproved"
    ACCRUE = "accrue"
    CARRY_COMMITMENTS = "carry_commitments"
    SETTLE_AVAILABLE = "settle_available"


@dataclass(frozen=True, slots=True)
class Carried:
    """What came of carrying a purchase's money.

    Attributes:
        entries: Both sides of every move, with the year's clearing account between them.
        changes: Pot id -> the difference of its states.
    """

    shares: tuple[Share, ...]
    entries: tuple[Entry, ...]
    changes: Mapping[str, Figures]
    pence: int


def check_state(state: PeriodState, period: Period, action: str) -> None:
    """Check that a year is being closed.

    Raises:
        WrongPeriodState: It is open, or closed already (FAILED_PRECONDITION).
    """
    if state is not PeriodState.SOFT_CLOSED:
        raise WrongPeriodState(
            f"the {named(period)} is {state}, so it cannot {action}",
            period=named(period),
            state=state,
            action=action,
        )


def settle_some(items: Sequence[T], settle: Callable[[T], bool], *, most: int) -> int:
    """Settle at most so many items and return how many are left.

    Args:
        items: In the order in which they are looked at.
        settle: Settles one, or says that it waits; one that waits stops none after it.
        most: How many to settle.
    """
    settled = waiting = 0
    for place, item in enumerate(items):
        if settled == most:
            return waiting + len(items) - place
        if settle(item):
            settled += 1
        else:
            waiting += 1
    return waiting


def draw_from(
    shares: Iterable[Share], pots: Mapping[str, object], *, origin: Bucket, target: Bucket
) -> tuple[tuple[Share, ...], tuple[PotMove, ...]]:
    """Move all that the shares of some pots have in one state to another."""
    after: list[Share] = []
    moves: list[PotMove] = []
    for share in shares:
        pence = share.figures.of(origin)
        if pence and share.pot_id in pots:
            moves.append(PotMove(share.pot_id, share.source_id, origin, target, pence))
            figures = share.figures.moved(origin, target, pence)
            after.append(replace(share, figures=figures))
        else:
            after.append(share)
    return tuple(after), tuple(moves)


def carry(
    shares: tuple[Share, ...],
    pots: Mapping[str, object],
    *,
    into: Callable[[Share], str],
    year: str,
    states: tuple[Bucket, ...] = LIVE,
) -> Carried:
    """Move what is in some states of the shares of a year's pots to the next year's.

    Args:
        shares: The purchase's, in the order of the plan.
        pots: Those of the year that ends.
        into: The next year's pot for a share.
        year: The name of the year that ends.
        states: Which money goes on.
    """
    old: list[Share] = []
    new: list[Share] = []
    entries: list[Entry] = []
    changes: dict[str, Figures] = {}
    for share in shares:
        live = _only(share.figures, states) if share.pot_id in pots else NOTHING
        if live == NOTHING:
            old.append(share)
            continue
        pot_id = into(share)
        gone = _negative(live)
        old.append(replace(share, figures=share.figures + gone))
        position = len(shares) + len(new) + 1
        new.append(replace(share, position=position, pot_id=pot_id, figures=live))
        entries += carrying(share.source_id, (share.pot_id, pot_id), live, year=year)
        changes[share.pot_id] = changes.get(share.pot_id, NOTHING) + gone
        changes[pot_id] = changes.get(pot_id, NOTHING) + live
    pence = sum(share.figures.total for share in new)
    return Carried((*old, *new), tuple(entries), changes, pence)


def carrying(source_id: str, pots: tuple[str, str], live: Figures, *, year: str) -> Iterable[Entry]:
    """Return the entries that move money from a pot to another by the year's clearing account."""
    origin, target = pots
    clearing = year_account(year)
    for bucket in Bucket:
        pence = live.of(bucket)
        if pence:
            yield Entry(pot_account(origin, bucket), -pence, origin, source_id)
            yield Entry(clearing, pence, source_id=source_id)
            yield Entry(clearing, -pence, source_id=source_id)
            yield Entry(pot_account(target, bucket), pence, target, source_id)


def _only(figures: Figures, states: tuple[Bucket, ...]) -> Figures:
    return Figures(**{bucket.value: figures.of(bucket) for bucket in states})


def _negative(figures: Figures) -> Figures:
    return Figures(**{bucket.value: -figures.of(bucket) for bucket in Bucket})
