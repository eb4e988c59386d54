"""The twenty invariants of the books, and the checks of each that a database can answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from services.fund.verification import (
    chains,
    commands,
    counting,
    deciding,
    disputes,
    effects,
    paying,
    pots,
    proposing,
    purchases,
    returning,
    sources,
    terms,
    years,
)
from services.fund.verification.finding import Finding

Check = Callable[[Connection], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Invariant:
    """One rule of the books.

    Attributes:
        checks: What a database is asked.
        held_by: What else holds it, where a database at rest shows only what it left behind.
    """

    number: int
    rule: str
    checks: tuple[Check, ...]
    held_by: str = ""


INVARIANTS = (
    Invariant(1, "every journal has two entries or more that sum to zero", (chains.balanced,)),
    Invariant(2, "all entries together sum to zero", (chains.all_balanced,)),
    Invariant(
        3,
        "each cached figure is the sum of its entries",
        (pots.cached, sources.cached, pots.totals),
    ),
    Invariant(4, "no guarded account is below zero", (pots.guarded,)),
    Invariant(5, "a pot's states add up to what it was given", (pots.identity,)),
    Invariant(6, "no source pays for another", (sources.apart,)),
    Invariant(7, "no purchase breaks the terms it was reserved under", (terms.within,)),
    Invariant(
        8,
        "what a purchase took is released, spent or live",
        (
            purchases.shares,
            purchases.papers,
            disputes.charged_once_accepted,
            returning.within_charged,
            returning.released_once_booked,
        ),
    ),
    Invariant(9, "one command has one effect", (effects.one_effect,)),
    Invariant(
        10, "journals are reversed once and never changed", (chains.chained, chains.reversed_once)
    ),
    Invariant(11, "every move of money has an event", (effects.told,)),
    Invariant(
        12,
        "no approval and no payment lacks its people",
        (
            deciding.by_others,
            deciding.decided,
            proposing.done,
            deciding.raised_by_others,
            counting.counted_whole,
            paying.by_others,
            paying.not_by_approvers,
            paying.held_a_day,
        ),
    ),
    Invariant(13, "state and money agree", (purchases.states, disputes.none_left_open)),
    Invariant(14, "shares are whole and add up", (purchases.whole,)),
    Invariant(15, "balances follow from entries, and closed years stay closed", (years.closed,)),
    Invariant(16, "moving money changes no total", (years.cleared,)),
    Invariant(
        17, "a kill loses nothing", (commands.whole,), held_by="the kill harness under tests"
    ),
    Invariant(
        18,
        "of two writers only one commits",
        (commands.one_writer,),
        held_by="conditional updates; racing tests",
    ),
    Invariant(19, "years are chosen in London", (years.in_london,)),
    Invariant(
        20,
        "with room for 100 exactly 100 succeed",
        (commands.never_overdrawn,),
        held_by="racing and soak tests, for what was refused though there was room",
    ),
)
"""In the order of the reference; the numbers are those that findings name."""


def verify(connection: Connection) -> list[Finding]:
    """Return every row that breaks an invariant; none means that all of them hold.

    Args:
        connection: A snapshot of a reader.
    """
    return sorted(
        finding
        for invariant in INVARIANTS
        for check in invariant.checks
        for finding in check(connection)
    )
