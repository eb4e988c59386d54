"""Taking a card statement: matched to what was approved, or an exception."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.auth import Resource, require
from services.chassis.clock import london_date
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund.access import ACTIONS
from services.fund.domain import cards
from services.fund.domain.cards import CardPurchase
from services.fund.storage import cards as storage


@dataclass(frozen=True, slots=True)
class Taken:
    """The payments that are new, and how many were known."""

    purchases: tuple[CardPurchase, ...]
    known: int


def take(work: UnitOfWork, text: str) -> Taken:
    """Match every new payment of a statement to a committed purchase, or list it.

    Raises:
        CardFileRefused: Anything in it is wrong (INVALID_ARGUMENT).
    """
    require(ACTIONS, work.caller, "payment.reconcile", Resource(work.tenant))
    payments = cards.read(text, work.tenant, today=london_date(work.at))
    references = [payment.card_reference for payment in payments]
    known = storage.known(work.connection, work.tenant, references)
    taken = []
    for payment in payments:
        if payment.card_reference in known:
            continue
        purchase = storage.left_for(work.connection, work.tenant, payment.reference)
        outcome = cards.outcome(payment.amount, purchase[1] if purchase else None)
        card = CardPurchase(new_id(), payment, outcome, purchase[0] if purchase else "")
        storage.add(work, card)
        taken.append(card)
    return Taken(tuple(taken), len(known))
