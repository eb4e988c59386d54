"""Order documents, goods receipts and card payments."""

from __future__ import annotations

from typing import Any

from localresponse.fund.v1 import orders_service_pb2 as pb

from services.chassis.wire import date_to_proto, timestamp_to_proto
from services.fund import documents
from services.fund.commands.cards import Taken
from services.fund.domain.cards import CardOutcome, CardPurchase
from services.fund.domain.purchase import Purchase
from services.fund.wire.names import Names
from services.fund.wire.values import money

_OUTCOMES = Names(CardOutcome, pb.CardOutcome, "CARD_OUTCOME_")


def document(purchase: Purchase) -> pb.OrderDocument:
    """Return the order's document.

    Raises:
        WrongState: It was not ordered (FAILED_PRECONDITION).
    """
    lines = documents.order_lines(purchase)
    return pb.OrderDocument(
        order_number=purchase.order_number,
        file_stem=f"order-{purchase.reference}",
        text="\n".join(lines) + "\n",
        pdf=documents.pdf(lines, f"Order {purchase.order_number}"),
    )


def receipt(row: Any) -> pb.GoodsReceipt:
    """Return a goods receipt."""
    return pb.GoodsReceipt(
        id=row.id,
        delivered_date=date_to_proto(row.delivered_on),
        amount=money(row.amount),
        recorder_id=row.recorded_by,
        create_time=timestamp_to_proto(row.created_at),
    )


def card(value: CardPurchase) -> pb.CardPurchase:
    """Return a card payment and what became of it."""
    payment = value.payment
    return pb.CardPurchase(
        id=value.id,
        card_reference=payment.card_reference,
        reference=payment.reference,
        paid_date=date_to_proto(payment.paid_on),
        amount=money(payment.amount),
        merchant_category=payment.merchant_category,
        outcome=_OUTCOMES.out(value.outcome),
        purchase_id=value.purchase_id,
    )


def taken(value: Taken) -> pb.ImportCardPurchasesResponse:
    """Return what became of a statement."""
    return pb.ImportCardPurchasesResponse(
        card_purchases=[card(each) for each in value.purchases],
        known_count=value.known,
        exception_count=sum(each.outcome is not CardOutcome.MATCHED for each in value.purchases),
    )
