"""Which pots pay a purchase: decided once, when it is submitted, and followed ever after.

Money of different sources never mixes, so a purchase keeps an ordered plan of shares. What is
spent is taken from the first place on; what goes back goes back from the last place first.
Source: ledger.md d2, mixed funding.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.chassis.errors import FailedPrecondition
from services.fund.domain.budget import Pot
from services.fund.domain.figures import NOTHING, Bucket, Figures
from services.fund.domain.ledger import PotMove
from services.fund.domain.lines import Line, charged_gross, reclaims
from services.fund.domain.shares import IN_ORDER, SharePlan
from services.fund.domain.source import SourceKind
from services.fund.domain.terms import Need, Terms, VatTreatment
from services.fund.errors import NoEligibleSource, PotExhausted


@dataclass(frozen=True, slots=True)
class Payer:
    """A pot that might pay, with the terms of its source that hold today.

    Attributes:
        plan: How the pot's budget shares its purchases.
        taken: Pence that the purchase takes from the source already; caps count them.
    """

    pot: Pot
    terms: Terms
    plan: SharePlan = IN_ORDER
    taken: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The part of a purchase that one pot pays.

    Attributes:
        position: Its place in the plan, from 1.
        terms_version: The terms of the source that it was decided under.
        figures: Its money; `available` is what has gone back to the pot.
    """

    position: int
    pot_id: str
    source_id: str
    source_name: str
    source_kind: SourceKind
    terms_version: int
    figures: Figures


@dataclass(frozen=True, slots=True)
class Costed:
    """What is bought at what it costs the fund, and who pays it."""

    lines: tuple[Line, ...]
    shares: tuple[Share, ...]


def plan_lines(
    payers: Iterable[Payer], need: Need, lines: tuple[Line, ...], *, budget_id: str
) -> Costed:
    """Share what lines cost among the pots that may pay.

    Where money takes part that pays all VAT, no VAT of the purchase is claimed back: its lines
    cost what they cost with VAT.

    Raises:
        NoEligibleSource, PotExhausted: As `plan`.
    """
    known = tuple(payers)
    paying_all = {
        payer.pot.source_id for payer in known if payer.terms.vat_treatment is VatTreatment.GROSS
    }
    if paying_all and reclaims(lines):
        gross = tuple(map(charged_gross, lines))
        try:
            shares = _plan_all(known, need, gross, budget_id)
        except FailedPrecondition:
            # It may be payable without that money, at what it costs when VAT comes back.
            shares = ()
        if any(share.source_id in paying_all for share in shares):
            return Costed(gross, shares)
    return Costed(lines, _plan_all(known, need, lines, budget_id))


def stated(need: Need, lines: Sequence[Line]) -> Need:
    """Return the need with what its lines say of VAT."""
    net, cost = sum(line.net for line in lines), sum(line.cost for line in lines)
    return replace(need, net=net, cost=cost, reclaims=reclaims(lines))


def _plan_all(
    payers: Iterable[Payer], need: Need, lines: Sequence[Line], budget_id: str
) -> tuple[Share, ...]:
    known = stated(need, lines)
    return plan(payers, known, known.cost, budget_id=budget_id)


def plan(payers: Iterable[Payer], need: Need, cost: int, *, budget_id: str) -> tuple[Share, ...]:
    """Share a cost among the pots that may pay.

    With fixed shares each pays its part; else the most bound, then the soonest to end, first.
    The cost is in pence, one or more.

    Raises:
        NoEligibleSource: Every source's terms forbid it (FAILED_PRECONDITION).
        PotExhausted: The pots that may pay hold less (FAILED_PRECONDITION).
    """
    known = sorted(payers, key=_order)
    eligible = [payer for payer in known if not payer.terms.broken_by(need)]
    if not eligible:
        broken = {rule for payer in known for rule in payer.terms.broken_by(need)}
        rules = ",".join(sorted(broken)) or "no pot"
        raise NoEligibleSource(
            f"no source of this budget may pay for it ({_why(known, need, cost) or rules})",
            budget_id=budget_id,
            rules=rules,
            by_source=_why(known, need, cost),
        )
    share = _by_share if eligible[0].plan.parts else _in_order
    whole = cost + sum(payer.taken for payer in known)
    taken = share([(payer, _most(payer, need, cost, whole)) for payer in eligible], cost)
    promised = sum(pence for _, pence in taken)
    if promised < cost:
        raise PotExhausted(
            f"{cost} pence are asked and {promised} can be promised",
            budget_id=budget_id,
            asked_minor=cost,
            available_minor=promised,
            by_source=_why(known, need, cost),
        )
    return tuple(_share(place, payer, pence) for place, (payer, pence) in enumerate(taken, start=1))


def _why(payers: Iterable[Payer], need: Need, cost: int) -> str:
    """Return what keeps each source from paying all of it: `Trust: school; Council: vat`."""
    found = []
    for payer in payers:
        rules = [*(payer.terms.broken_by(need) or payer.terms.caps(need, cost + payer.taken))]
        if payer.pot.figures.available < cost:
            rules.append("available")
        if rules:
            found.append(f"{payer.pot.source_name}: {', '.join(rules)}")
    return "; ".join(found)


def _order(payer: Payer) -> tuple[int, date, str]:
    return (-payer.terms.restrictions, payer.terms.spend_by or date.max, payer.pot.id)


def _in_order(able: list[tuple[Payer, int]], cost: int) -> list[tuple[Payer, int]]:
    taken: list[tuple[Payer, int]] = []
    left = cost
    for payer, most in able:
        pence = min(left, most)
        if pence > 0:
            taken.append((payer, pence))
            left -= pence
    return taken


def _by_share(able: list[tuple[Payer, int]], cost: int) -> list[tuple[Payer, int]]:
    paying = {payer.pot.source_id: (payer, most) for payer, most in able}
    parts = able[0][0].plan.split(cost)
    taken = (
        (paying[source][0], min(pence, paying[source][1]))
        for source, pence in parts.items()
        if source in paying
    )
    return [(payer, pence) for payer, pence in taken if pence > 0]


def _most(payer: Payer, need: Need, cost: int, whole: int) -> int:
    capped = payer.terms.most(need, whole) - payer.taken
    return max(0, min(cost, payer.pot.figures.available, capped))


def _share(position: int, payer: Payer, pence: int) -> Share:
    return Share(
        position=position,
        pot_id=payer.pot.id,
        source_id=payer.pot.source_id,
        source_name=payer.pot.source_name,
        source_kind=payer.pot.source_kind,
        terms_version=payer.terms.version,
        figures=Figures(reserved=pence),
    )


def reserving(shares: Sequence[Share]) -> tuple[PotMove, ...]:
    """Return the moves that a new plan asks of its pots."""
    return tuple(
        PotMove(
            share.pot_id,
            share.source_id,
            Bucket.AVAILABLE,
            Bucket.RESERVED,
            share.figures.reserved,
        )
        for share in shares
    )


def draw(
    shares: Sequence[Share],
    pence: int,
    *,
    origin: Bucket,
    target: Bucket,
    last_first: bool = False,
) -> tuple[tuple[Share, ...], tuple[PotMove, ...]]:
    """Move pence from one state to another along the plan.

    The caller has checked that the shares have as much in `origin`; what is released goes from
    the last place back.

    Returns:
        The shares after it, in their order, and the same moves for their pots.
    """
    moves: list[PotMove] = []
    after = {share.position: share for share in shares}
    left = pence
    for share in reversed(shares) if last_first else shares:
        part = min(left, share.figures.of(origin))
        if part > 0:
            after[share.position] = replace(
                share, figures=share.figures.moved(origin, target, part)
            )
            moves.append(PotMove(share.pot_id, share.source_id, origin, target, part))
            left -= part
    assert left == 0, "nothing is drawn that a plan does not hold"
    return tuple(after.values()), tuple(moves)


def money(shares: Sequence[Share]) -> Figures:
    """Return the money of all shares together."""
    return sum((share.figures for share in shares), start=NOTHING)
