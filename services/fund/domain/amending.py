"""How money follows when what is asked for changes, or when more is committed.

The stored plan keeps its places. A pot that pays more, pays more in its own place; one that pays
for the first time gets the next place; what is no longer needed goes back to where it came from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.fund.domain.apportionment import Payer, Share, plan, plan_lines, stated
from services.fund.domain.figures import Bucket
from services.fund.domain.ledger import Kind, PotMove
from services.fund.domain.purchase import Action, Purchase, next_state
from services.fund.domain.steps import Step, step_of
from services.fund.domain.terms import Need


@dataclass(frozen=True, slots=True)
class Planned:
    """What a new plan is made from: the pots of the budget that pays now, and for what."""

    payers: tuple[Payer, ...]
    need: Need
    budget_id: str


def need_of(purchase: Purchase, on: date) -> Need:
    """Return what sources' terms are held against when more is promised on a day."""
    need = Need(
        purchase.school_urn,
        purchase.category,
        on,
        len(purchase.child_ids),
        purchase.circumstances,
    )
    return stated(need, purchase.lines)


def amend(purchase: Purchase, edited: Purchase, planned: Planned) -> Step:
    """Hold the cost of what is asked now, in place of what was held or committed.

    Args:
        purchase: As it stands.
        edited: The same with the new content; its money is not looked at.
        planned: The pots as they stand, with the purchase's money still held.

    Raises:
        WrongState: It was ordered or is finished (FAILED_PRECONDITION).
        NoEligibleSource, PotExhausted: The pots may not, or do not suffice
            (FAILED_PRECONDITION).
    """
    next_state(purchase, Action.AMENDED)
    shares, reopened = _reopened(purchase.shares)
    given_back = {share.pot_id: share.figures.reserved for share in shares}
    payers = _with(planned.payers, given_back)
    costed = plan_lines(payers, planned.need, edited.lines, budget_id=planned.budget_id)
    edited = replace(edited, lines=costed.lines)
    target = {share.pot_id: share for share in costed.shares}
    after, less, more = _held(shares, target)
    postings = tuple(
        (kind, moves)
        for kind, moves in (
            (Kind.AMEND, reopened),
            (Kind.RELEASE, less),
            (Kind.RESERVE, more),
        )
        if moves
    )
    changes: dict[str, Any] = {
        "shares": after,
        "budget_id": planned.budget_id,
        "revision": purchase.revision + 1,
        "approved_at": None,
        "approved_minor": 0,
        "approver": "",
        "paused_at": None,
    }
    amended = replace(edited, **changes)
    return step_of(purchase, Action.AMENDED, amended, *postings, amount=edited.cost)


def uplift(purchase: Purchase, pence: int, planned: Planned) -> Step:
    """Commit more, from the pots that pay already as far as the plan for it goes.

    Raises:
        WrongState: It is not approved, ordered or delivered (FAILED_PRECONDITION).
        NoEligibleSource, PotExhausted: The pots may not, or do not suffice
            (FAILED_PRECONDITION).
    """
    next_state(purchase, Action.UPLIFTED)
    payers = [replace(payer, taken=taken(purchase, payer)) for payer in planned.payers]
    more = plan(payers, planned.need, pence, budget_id=planned.budget_id)
    target = {share.pot_id: share for share in more}
    shares = {share.pot_id: share for share in purchase.shares}
    for pot_id, new in target.items():
        old = shares.get(pot_id, _next_place(new, len(shares)))
        figures = replace(old.figures, committed=old.figures.committed + new.figures.reserved)
        shares[pot_id] = replace(old, figures=figures, terms_version=new.terms_version)
    moves = tuple(
        PotMove(pot_id, new.source_id, Bucket.AVAILABLE, Bucket.COMMITTED, new.figures.reserved)
        for pot_id, new in target.items()
    )
    raised = replace(
        purchase,
        shares=tuple(shares.values()),
        budget_id=planned.budget_id,
        approved_minor=purchase.approved_minor + pence,
    )
    return step_of(purchase, Action.UPLIFTED, raised, (Kind.UPLIFT, moves), amount=pence)


def taken(purchase: Purchase, payer: Payer) -> int:
    """Return the pence that a purchase takes from a source and has not given back."""
    return sum(
        share.figures.total - share.figures.available
        for share in purchase.shares
        if share.source_id == payer.pot.source_id
    )


def _reopened(shares: Iterable[Share]) -> tuple[list[Share], tuple[PotMove, ...]]:
    """Return the shares with what was committed held again."""
    after, moves = [], []
    for share in shares:
        pence = share.figures.committed
        if pence:
            held = share.figures.moved(Bucket.COMMITTED, Bucket.RESERVED, pence)
            moves.append(_move(share, Bucket.COMMITTED, Bucket.RESERVED, pence))
            after.append(replace(share, figures=held))
        else:
            after.append(share)
    return after, tuple(moves)


def _with(payers: Iterable[Payer], given_back: dict[str, int]) -> list[Payer]:
    """Return the payers with what the purchase itself would give back to them."""
    return [
        replace(payer, pot=replace(payer.pot, figures=payer.pot.figures.added(more)))
        for payer in payers
        for more in (given_back.get(payer.pot.id, 0),)
    ]


def _held(
    shares: Iterable[Share], target: dict[str, Share]
) -> tuple[tuple[Share, ...], tuple[PotMove, ...], tuple[PotMove, ...]]:
    """Return the shares that hold the target, and the moves down and up that lead there."""
    after: list[Share] = []
    less: list[PotMove] = []
    more: list[PotMove] = []
    rest = dict(target)
    for share in shares:
        new = rest.pop(share.pot_id, None)
        change = (new.figures.reserved if new else 0) - share.figures.reserved
        figures = share.figures
        if change < 0:
            figures = figures.moved(Bucket.RESERVED, Bucket.AVAILABLE, -change)
            less.append(_move(share, Bucket.RESERVED, Bucket.AVAILABLE, -change))
        elif change > 0:
            figures = replace(figures, reserved=figures.reserved + change)
            more.append(_move(share, Bucket.AVAILABLE, Bucket.RESERVED, change))
        terms = new.terms_version if new else share.terms_version
        after.append(replace(share, figures=figures, terms_version=terms))
    for new in rest.values():
        added = replace(new, position=len(after) + 1)
        after.append(added)
        more.append(_move(added, Bucket.AVAILABLE, Bucket.RESERVED, added.figures.reserved))
    return tuple(after), tuple(less), tuple(more)


def _next_place(share: Share, known: int) -> Share:
    figures = replace(share.figures, reserved=0)
    return replace(share, position=known + 1, figures=figures)


def _move(share: Share, origin: Bucket, target: Bucket, pence: int) -> PotMove:
    return PotMove(share.pot_id, share.source_id, origin, target, pence)
