"""One spot purchase, from the request to the closed order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from services.chassis.errors import PermissionDenied
from services.demonstration.api import Json
from services.demonstration.calendar import day_json
from services.demonstration.stage import Stage, pounds

PURCHASES = "fund.PurchasesService"


@dataclass(frozen=True, slots=True)
class Need:
    """What is asked for.

    Attributes:
        category: A key of the authority's category list.
        text: Why, in a sentence without a name.
        item: What is bought.
        price: Whole pounds before VAT, a unit.
        quantity: How many units.
        supplier: Who sells it.
    """

    category: str
    text: str
    item: str
    price: int
    quantity: int
    supplier: str


NEEDS = (
    Need(
        "mentoring",
        "Has stopped coming in on Mondays; knows and trusts the club's mentors.",
        "Mentoring, one hour",
        45,
        8,
        "Harbour Youth Mentors CIC",
    ),
    Need(
        "travel",
        "The family moved across the borough; the walk is over an hour.",
        "Young person's bus pass, one term",
        156,
        1,
        "Borough Buses Ltd",
    ),
    Need(
        "counselling",
        "Anxious about large rooms since the summer.",
        "Counselling session",
        58,
        10,
        "Quiet Room Counselling",
    ),
    Need(
        "home_essentials",
        "Shares a mattress with two younger children and sleeps badly.",
        "Single bed and mattress, delivered",
        239,
        1,
        "Second Start Furniture",
    ),
    Need(
        "uniform",
        "Kept at home on days without clean uniform.",
        "Uniform set and shoes",
        84,
        1,
        "School Outfitters Co-op",
    ),
)

BREAKFAST = Need(
    "food",
    "Six children arrive hungry and late; a place each at the breakfast club.",
    "Breakfast club, one half-term, a place",
    62,
    6,
    "Early Plate CIC",
)


async def submit(stage: Stage, children: list[int], need: Need, *, review: date) -> Json:
    """Ask for `need` for the children (positions in the borough), as their school would."""
    first = stage.borough.children[children[0]]
    return await stage.call(
        f"{PURCHASES}.SubmitPurchase",
        stage.requester_for(children[0]),
        {
            "school_urn": first.urn,
            "child_ids": [stage.child_ids[child] for child in children],
            "need": need.text,
            "category": need.category,
            "expected_change": {
                "measure": "attendance_rate",
                "direction": "DIRECTION_INCREASE",
                "review_date": day_json(review),
            },
            "urgency": "URGENCY_THREE_DAYS",
            "supplier_name": need.supplier,
            "lines": [
                {
                    "description": need.item,
                    "quantity": need.quantity,
                    "unit_price": pounds(need.price),
                    "vat_rate_basis_points": 0,
                    "vat_recovery": "VAT_RECOVERY_YES",
                }
            ],
        },
    )


async def move(stage: Stage, verb: str, part: str, purchase: Json, **more: object) -> Json:
    """Take a purchase one step on (`Approve`, `Order` …), holding on to its etag."""
    return await stage.call(
        f"{PURCHASES}.{verb}",
        part,
        {"purchase_id": purchase["id"], "etag": purchase["etag"], **more},
    )


async def approve(stage: Stage, purchase: Json) -> Json:
    """Approve as the officer, or as the one with the higher limit where hers is too low."""
    try:
        return await move(stage, "ApprovePurchase", "officer", purchase)
    except PermissionDenied:
        return await move(stage, "ApprovePurchase", "officer-two", purchase)


async def fulfil(stage: Stage, purchase: Json, child: int, *, ordered: date) -> Json:
    """Order, deliver, invoice and close; delivery is a week after the order."""
    stage.at(ordered, 11)
    purchase = await move(stage, "OrderPurchase", "officer", purchase)
    delivered = ordered + timedelta(days=7)
    stage.at(delivered, 15)
    purchase = await move(
        stage,
        "RecordDelivery",
        stage.requester_for(child),
        purchase,
        delivered_date=day_json(delivered),
    )
    stage.registers.supported_from[child] = delivered
    return await settle(stage, purchase, invoiced=delivered + timedelta(days=3))


async def settle(stage: Stage, purchase: Json, *, invoiced: date) -> Json:
    """Record the supplier's invoice for the whole cost, and close."""
    stage.at(invoiced, 10)
    purchase = await invoice(stage, purchase, net=purchase["net"], invoiced=invoiced)
    return await move(stage, "ClosePurchase", "officer", purchase)


async def invoice(stage: Stage, purchase: Json, *, net: Json, invoiced: date) -> Json:
    """Record an invoice over `net` and the order's VAT; above the order it is in dispute."""
    return await move(
        stage,
        "RecordInvoice",
        "officer-two",
        purchase,
        invoice_number=f"INV-{purchase['reference']}",
        invoice_date=day_json(invoiced),
        net=net,
        vat=purchase["vat"],
        vat_recovery="VAT_RECOVERY_YES",
    )
