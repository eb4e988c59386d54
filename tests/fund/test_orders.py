"""Orders as suppliers get them, goods receipts, and cards that are no way round an approval."""

from __future__ import annotations

from typing import Any

import pytest
from localresponse.fund.v1 import orders_service_pb2 as pb

from services.fund.errors import WrongState
from services.fund.errors.paying import CardFileRefused
from tests.fund.world import (
    CHILD,
    OFFICER,
    PRACTITIONER,
    SCHOOL,
    TENANT,
    World,
    pence,
    pounds,
    rid,
)

_HEAD = "authority,card_reference,reference,paid_on,amount,merchant_category\n"


async def ordered(world: World) -> Any:
    await world.money("1000")
    await world.limit()
    asked = await world.submit("50", supplier_name="Shoes & Söhne €")
    await world.step(OFFICER, "ApprovePurchase", asked.id)
    return await world.step(OFFICER, "OrderPurchase", asked.id)


async def statement(world: World, *payments: tuple[str, str, str], **changes: str) -> Any:
    """Hand in payments as (number of the bank, reference, amount)."""
    day = changes.get("day", world.clock.now().date().isoformat())
    who = changes.get("authority", TENANT)
    lines = [
        f"{who},{card},{reference},{day},{amount},5661\n" for card, reference, amount in payments
    ]
    request = pb.ImportCardPurchasesRequest(request_id=rid(), content=_HEAD + "".join(lines))
    return await world.call(OFFICER, "ImportCardPurchases", request)


async def test_the_order_document_says_all_the_supplier_needs_and_no_child(fund: World) -> None:
    purchase = await ordered(fund)

    request = pb.GetOrderDocumentRequest(purchase_id=purchase.id)
    document = await fund.call(OFFICER, "GetOrderDocument", request)

    assert document.pdf.startswith(b"%PDF-")
    for needed in (purchase.order_number, purchase.reference, SCHOOL, "shoes", "£50.00"):
        assert needed in document.text
    assert CHILD not in document.text
    assert purchase.need not in document.text


async def test_what_was_not_ordered_has_no_document(fund: World) -> None:
    await fund.money()
    asked = await fund.submit()

    request = pb.GetOrderDocumentRequest(purchase_id=asked.id)
    with pytest.raises(WrongState):
        await fund.call(OFFICER, "GetOrderDocument", request)


async def test_every_part_delivery_is_a_goods_receipt(world: World) -> None:
    purchase = await ordered(world)
    for amount in ("20", "30"):
        await world.step(PRACTITIONER, "RecordDelivery", purchase.id, amount=pounds(amount))

    request = pb.ListGoodsReceiptsRequest(purchase_id=purchase.id)
    found = (await world.call(PRACTITIONER, "ListGoodsReceipts", request)).goods_receipts

    assert sorted(pence(each.amount) for each in found) == [2000, 3000]


async def test_a_card_payment_is_matched_or_is_an_exception(world: World) -> None:
    purchase = await ordered(world)

    done = await statement(
        world,
        ("1", purchase.reference, "40.00"),
        ("2", purchase.order_number, "10.01"),
        ("3", "SP-NONE", "5.00"),
    )
    listed = await world.call(
        OFFICER, "ListCardPurchases", pb.ListCardPurchasesRequest(exceptions_only=True)
    )

    outcomes = [pb.CardOutcome.Name(each.outcome)[13:] for each in done.card_purchases]
    assert outcomes == ["MATCHED", "ABOVE_ORDER", "NO_ORDER"]
    assert done.exception_count == len(listed.card_purchases) == 2


async def test_a_payment_that_was_handed_in_before_is_left_out(world: World) -> None:
    purchase = await ordered(world)
    await statement(world, ("1", purchase.reference, "40.00"))

    again = await statement(world, ("1", purchase.reference, "40.00"))

    assert (len(again.card_purchases), again.known_count) == (0, 1)


async def test_a_card_for_what_nobody_approved_is_an_exception(fund: World) -> None:
    await fund.money()
    asked = await fund.submit()

    done = await statement(fund, ("1", asked.reference, "1.00"))

    assert done.card_purchases[0].outcome == pb.CARD_OUTCOME_NO_ORDER


@pytest.mark.parametrize(
    ("payment", "changes", "rule"),
    [
        pytest.param(("1", "x", "1.0"), {}, "amount", id="no pennies"),
        pytest.param(("1", "x", "0.00"), {}, "amount", id="nothing"),
        pytest.param(("", "x", "1.00"), {}, "reference", id="no number"),
        pytest.param(("1", "x", "1.00"), {"authority": "E08000019"}, "authority", id="foreign"),
        pytest.param(("1", "x", "1.00"), {"day": "2999-01-01"}, "date", id="future"),
    ],
)
async def test_a_statement_with_anything_wrong_is_refused_whole(
    fund: World, payment: tuple[str, str, str], changes: dict[str, str], rule: str
) -> None:
    with pytest.raises(CardFileRefused) as refusal:
        await statement(fund, payment, **changes)

    assert refusal.value.metadata == {"line": "2", "rule": rule}
