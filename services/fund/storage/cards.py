"""Card payments, and what a purchase has left for them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, func, insert, or_, select

from services.chassis.database.together import Statement, one_of
from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.cards import CardOutcome, CardPayment, CardPurchase
from services.fund.domain.purchase import State
from services.fund.storage.paging import Cut
from services.fund.storage.tables import purchase_shares, purchases
from services.fund.storage.tables.paying import card_purchases

_HANDED_IN = Statement(
    lambda dialect: select(card_purchases.c.card_reference).where(
        card_purchases.c.tenant == bindparam("tenant"),
        one_of(dialect, card_purchases.c.card_reference, "references"),
    )
)
_COMMITTED = (State.APPROVED, State.ORDERED, State.DELIVERED, State.CLOSED)


def known(connection: Connection, tenant: str, references: list[str]) -> set[str]:
    """Return which of the bank's numbers were handed in before."""
    asked = _HANDED_IN.asked(tenant=tenant, references=tuple(references))
    return {row.card_reference for row in asked.now(connection).rows}


def left_for(connection: Connection, tenant: str, reference: str) -> tuple[str, int] | None:
    """Return the committed purchase of a reference and its pence that no card payment took."""
    columns = purchases.c
    query = select(columns.id).where(
        columns.tenant == tenant,
        columns.state.in_(_COMMITTED),
        or_(columns.reference == reference, columns.order_number == reference),
    )
    found = connection.execute(query.limit(2)).scalars().all()
    if len(found) != 1:
        return None
    shares = purchase_shares.c
    promised = shares.committed + shares.received + shares.issued + shares.spent
    held = select(func.coalesce(func.sum(promised), 0)).where(shares.purchase_id == found[0])
    cards = card_purchases.c
    taken = select(func.coalesce(func.sum(cards.amount), 0)).where(
        cards.purchase_id == found[0], cards.outcome == CardOutcome.MATCHED
    )
    left: int = connection.execute(held).scalar_one() - connection.execute(taken).scalar_one()
    return found[0], left


def add(work: UnitOfWork, card: CardPurchase) -> None:
    """Insert a card payment at once, so that the next one counts it."""
    payment = card.payment
    work.connection.execute(
        insert(card_purchases).values(
            id=card.id,
            tenant=work.tenant,
            card_reference=payment.card_reference,
            reference=payment.reference,
            paid_on=payment.paid_on,
            amount=payment.amount,
            merchant_category=payment.merchant_category,
            outcome=card.outcome,
            purchase_id=card.purchase_id or None,
            recorded_by=work.caller.subject,
            created_at=work.at,
        )
    )


def page(
    connection: Connection, tenant: str, cut: Cut, *, exceptions_only: bool
) -> list[CardPurchase]:
    """Return a page of card payments, newest first."""
    columns = card_purchases.c
    query = select(card_purchases).where(columns.tenant == tenant)
    if cut.after:
        query = query.where(columns.id < cut.after)
    if exceptions_only:
        query = query.where(columns.outcome != CardOutcome.MATCHED)
    rows: Iterable[CardPurchase] = (
        CardPurchase(
            row.id,
            CardPayment(
                row.card_reference,
                row.reference,
                row.paid_on,
                row.amount,
                row.merchant_category,
            ),
            CardOutcome(row.outcome),
            row.purchase_id or "",
        )
        for row in connection.execute(query.order_by(columns.id.desc()).limit(cut.size))
    )
    return list(rows)
